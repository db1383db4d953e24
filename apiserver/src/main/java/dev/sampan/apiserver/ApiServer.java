package dev.sampan.apiserver;

import dev.sampan.apiserver.crd.CrdController;
import dev.sampan.apiserver.crd.CrdRules;
import dev.sampan.apiserver.discovery.DiscoveryEndpoint;
import dev.sampan.apiserver.encryption.EncryptedStore;
import dev.sampan.apiserver.encryption.EncryptionConfiguration;
import dev.sampan.apiserver.http.HttpEdge;
import dev.sampan.apiserver.kinds.ServiceAddresses;
import dev.sampan.apiserver.metrics.MetricsApi;
import dev.sampan.apiserver.openapi.OpenApiEndpoint;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.apiserver.pki.RotatingKeys;
import dev.sampan.apiserver.policy.TypeChecks;
import dev.sampan.apiserver.registry.BuiltinTypes;
import dev.sampan.apiserver.registry.ObjectAccess;
import dev.sampan.apiserver.registry.ObjectStore;
import dev.sampan.apiserver.registry.Reads;
import dev.sampan.apiserver.registry.ResourceWrites;
import dev.sampan.apiserver.registry.ServedTypes;
import dev.sampan.apiserver.table.Shapes;
import dev.sampan.apiserver.watch.Watches;
import dev.sampan.apiserver.wire.BodyReader;
import dev.sampan.apiserver.wire.ResponseWriter;
import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.ResourceType;
import dev.sampan.schema.codec.Protobuf;
import dev.sampan.schema.openapi.OpenApi;
import dev.sampan.store.Store;
import dev.sampan.store.StoreException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Kubernetes API over a store. {@link #handle} works from construction on; {@link #start} opens the TLS port.
 *
 * <p>Objects' state belongs to the store; the server itself owns only the table of what is served and the running watches.
 */
public final class ApiServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ApiServer.class);

    private final Objects objects;
    private final Watches watches;
    private final Pipeline pipeline;
    private final Security security;
    private final CrdController customTypes;
    private final TypeChecks typeChecks;
    private final ApiServerConfig config;
    private @Nullable HttpEdge edge;

    /** An API server with Kubernetes' authentication, authorization and admission. The store stays the caller's. */
    public ApiServer(ApiServerConfig config, Store store) {
        this(config, sealed(config, store), new StandardSecurity(config));
    }

    /** The store with the encryption that is configured; what is kept otherwise is written again. */
    private static Store sealed(ApiServerConfig config, Store store) {
        var file = config.security().encryptionFile();
        if (file == null) {
            EncryptedStore.requireUnsealed(store);
            return store;
        }
        var sealed = new EncryptedStore(store, EncryptionConfiguration.read(file));
        int written = sealed.rewriteStale();
        if (written > 0) {
            log.info("Wrote {} objects again with the first encryption key", written);
        }
        return sealed;
    }

    ApiServer(ApiServerConfig config, Store store, Security.Factory factory) {
        this.config = config;
        var random = new SecureRandom();
        var catalog = BuiltinCatalog.load();
        var protobuf = new Protobuf(catalog);
        var types = new ServedTypes(BuiltinTypes.of(served(catalog), rules(factory)));
        var storage = new StorageMetrics();
        var objectStore = new ObjectStore(store, storage);
        objects = new ObjectAccess(types, objectStore, config.clock(), random);
        security = factory.create(objects, protobuf);
        var reads = new Reads(objectStore);
        var writes = new ResourceWrites(
                objectStore,
                security.plugins(),
                security.admission(),
                random,
                kind -> catalog.schema(kind).orElseThrow());
        var shapes = new Shapes(config.clock());
        var responses = new ResponseWriter(protobuf);
        var metrics = new RequestMetrics();
        watches = new Watches(store, reads, shapes, protobuf, random);
        var resources = new ResourceEndpoint(new ResourceEndpoint.Parts(
                types, reads, writes, watches, shapes, new BodyReader(protobuf), responses, security.handlers()));
        var paths = new SystemPaths(
                new DiscoveryEndpoint(types, responses, () -> config.bindAddress() + ":" + config.port()),
                pathHandlers(new OpenApiEndpoint(types, new OpenApi(catalog)), new CompactionEndpoint(store)),
                () -> metricsText(metrics, storage, types, store),
                Map.of("ping", () -> true, "etcd", () -> answers(store)));
        pipeline = new Pipeline(security, resources, paths, responses, objects, config.clock(), metrics);
        Bootstrap.run(objects);
        security.onStart().forEach(Runnable::run);
        customTypes = new CrdController(objects, types, watches::end, config.clock());
        customTypes.start();
        typeChecks = new TypeChecks(objects, types);
    }

    /** Kubernetes calls the check etcd; here that is whatever holds the objects. */
    private static boolean answers(Store store) {
        try {
            return store.latest().revision() > 0;
        } catch (StoreException e) {
            return false;
        }
    }

    private List<Function<ApiRequest, @Nullable ApiResponse>> pathHandlers(
            OpenApiEndpoint openApi, CompactionEndpoint compaction) {
        var handlers = new ArrayList<Function<ApiRequest, @Nullable ApiResponse>>();
        handlers.add(openApi::handle);
        handlers.add(compaction::handle);
        security.paths().forEach(p -> handlers.add(p::handle));
        return handlers;
    }

    private static List<ResourceType> served(BuiltinCatalog catalog) {
        var types = new ArrayList<>(catalog.types());
        types.addAll(MetricsApi.types());
        return types;
    }

    private static Map<GroupKind, KindRules> rules(Security.Factory factory) {
        var rules = new HashMap<>(factory.rules());
        rules.put(new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"), new CrdRules());
        return rules;
    }

    private byte[] metricsText(RequestMetrics metrics, StorageMetrics storage, ServedTypes types, Store store) {
        var out = new MetricsText();
        metrics.write(out);
        watches.writeMetrics(out);
        security.gate().writeMetrics(out);
        security.admission().write(out);
        storage.write(out);
        RequestMetrics.writeObjects(out, objectCounts(types, store));
        ProcessMetrics.write(out);
        return out.bytes();
    }

    private static Map<GroupResource, Long> objectCounts(ServedTypes types, Store store) {
        var snapshot = store.snapshot();
        var counts = new HashMap<GroupResource, Long>();
        for (var type : types.table().all()) {
            var storage = type.storage();
            counts.computeIfAbsent(storage.resource(), r -> snapshot.count(storage.prefix()));
        }
        return counts;
    }

    /** Answers a request without any socket. Blocks until the answer is there; a stream is read by the caller. */
    public ApiResponse handle(ApiRequest request) {
        return pipeline.handle(request);
    }

    /**
     * Opens the TLS port.
     *
     * @throws IllegalStateException when the port cannot be opened, saying why and what to do
     */
    public synchronized void start() {
        var pki = new PkiDirectory(config.pkiDirectory(), config.clock());
        try {
            var authority = pki.clusterCa().certificate();
            var tls = RotatingKeys.tls(() -> pki.apiServer(hostNames()), List.of(authority), config.clock());
            edge = new HttpEdge(config.bindAddress(), config.port(), tls, this::handle, Pipeline.MAX_BODY_BYTES);
            edge.start();
            security.onListening().accept(edge.uri());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The serving certificate cannot be used: " + e.getMessage(), e);
        }
    }

    private List<String> hostNames() {
        var names = new ArrayList<>(config.extraHostNames());
        names.add(ServiceAddresses.first(config.serviceCidr()));
        return names;
    }

    /** {@code https://ADDRESS:PORT}. @throws IllegalStateException before {@link #start} */
    public synchronized URI uri() {
        if (edge == null) {
            throw new IllegalStateException("the port is not open: call start() first");
        }
        return edge.uri();
    }

    /** The watches that run now. */
    Watches watches() {
        return watches;
    }

    /** The cluster's objects, for the parts of this process that are built into the API server. */
    Objects objects() {
        return objects;
    }

    /** Ends all watches and closes the port. */
    @Override
    public synchronized void close() {
        customTypes.close();
        watches.close();
        if (edge != null) {
            edge.close();
        }
        var closing = new ArrayList<AutoCloseable>(security.onClose());
        closing.add(typeChecks);
        for (var closeable : closing) {
            try {
                closeable.close();
            } catch (Exception e) {
                log.warn("closing {}", closeable, e);
            }
        }
    }
}
