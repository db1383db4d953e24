package dev.sampan.apiserver;

import dev.sampan.apiserver.admission.AdmissionPlugins;
import dev.sampan.apiserver.admission.AdmittedHandler;
import dev.sampan.apiserver.admission.QuotaRecount;
import dev.sampan.apiserver.aggregation.Aggregator;
import dev.sampan.apiserver.aggregation.FrontProxy;
import dev.sampan.apiserver.audit.AuditLog;
import dev.sampan.apiserver.authn.Authentication;
import dev.sampan.apiserver.authn.StaticTokens;
import dev.sampan.apiserver.authz.Authorization;
import dev.sampan.apiserver.certificates.CertificateSigner;
import dev.sampan.apiserver.flowcontrol.BootstrapConfiguration;
import dev.sampan.apiserver.flowcontrol.FlowControl;
import dev.sampan.apiserver.flowcontrol.InFlightLimits;
import dev.sampan.apiserver.kinds.BootstrapObjects;
import dev.sampan.apiserver.kinds.BuiltinKinds;
import dev.sampan.apiserver.kinds.ServiceAddresses;
import dev.sampan.apiserver.kinds.ServiceRepair;
import dev.sampan.apiserver.metrics.MetricsApi;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.apiserver.proxy.NodeApi;
import dev.sampan.apiserver.proxy.Proxies;
import dev.sampan.apiserver.wire.BodyReader;
import dev.sampan.schema.codec.Protobuf;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** Kubernetes' own security: certificates and ServiceAccount tokens, the node authorizer and RBAC, admission. */
final class StandardSecurity implements Security.Factory {

    private final ApiServerConfig config;
    private final SecureRandom random = new SecureRandom();
    private final ServiceAddresses addresses;

    StandardSecurity(ApiServerConfig config) {
        this.config = config;
        this.addresses = new ServiceAddresses(config.serviceCidr(), config.serviceNodePorts(), random);
    }

    @Override
    public Map<GroupKind, KindRules> rules() {
        return new BuiltinKinds(addresses).rules();
    }

    @Override
    public Security create(Objects objects, Protobuf protobuf) {
        var repair = new ServiceRepair(objects, addresses, config.clock());
        var pki = new PkiDirectory(config.pkiDirectory(), config.clock());
        var address = new AtomicReference<>(config.bindAddress() + ":" + config.port());
        var authentication = authentication(pki, objects);
        var authorization = new Authorization(objects);
        var handlers = new ArrayList<>(authentication.handlers());
        handlers.addAll(authorization.handlers());
        handlers.addAll(BuiltinKinds.handlers());
        var nodes = new NodeApi(pki);
        handlers.addAll(Proxies.handlers(nodes, random));
        handlers.addAll(MetricsApi.handlers(nodes));
        var quotas = new QuotaRecount(objects, config.clock());
        var metrics = new AdmissionMetrics();
        var dynamic = new DynamicAdmission(objects, authorization, metrics);
        var plugins = AdmissionPlugins.standard(
                random,
                quotas,
                authorization.admission(),
                dynamic.plugins(),
                config.disabledAdmissionPlugins(),
                metrics);
        var signer = new CertificateSigner(objects, authorization, pki::clusterCa, config.clock());
        var aggregator = new Aggregator(objects, pki::frontProxyClient, config.clock());
        var auditor = auditor(protobuf);
        var gate = gate(objects);
        var closing = new ArrayList<AutoCloseable>(List.of(aggregator, signer, dynamic, quotas, authorization, repair));
        for (var part : new Object[] {auditor, gate}) {
            if (part instanceof AutoCloseable closeable) {
                closing.add(closeable);
            }
        }
        var own = new BootstrapObjects(objects, addresses);
        return new Security(
                authentication,
                authorization,
                auditor,
                gate,
                aggregator,
                plugins,
                metrics,
                admitted(handlers, plugins, metrics),
                List.of(authentication.discovery(address::get)),
                List.of(
                        () -> bootstrap(authorization),
                        repair::start,
                        own::create,
                        () -> BootstrapConfiguration.create(objects),
                        () -> FrontProxy.publish(objects, pki),
                        aggregator::registerLocal),
                uri -> {
                    address.set(uri.getHost() + ":" + uri.getPort());
                    own.publish(uri.getHost(), uri.getPort());
                },
                closing);
    }

    private Authentication authentication(PkiDirectory pki, Objects objects) {
        var options = config.security();
        Map<String, UserInfo> fixed = options.tokenFile() == null ? Map.of() : StaticTokens.read(options.tokenFile());
        return new Authentication(pki.serviceAccountKey(), objects, config.clock(), fixed, options.oidcIssuers());
    }

    private Auditor auditor(Protobuf protobuf) {
        var audit = config.security().audit();
        return audit == null
                ? Auditor.NONE
                : new AuditLog(audit, config.clock(), body -> BodyReader.objectOf(body, protobuf));
    }

    private RequestGate gate(Objects objects) {
        var limits = config.security().limits();
        if (!limits.fair()) {
            return new InFlightLimits(limits.reading(), limits.writing());
        }
        return new FlowControl(
                objects,
                limits.reading() + limits.writing(),
                a -> objects.count(new GroupResource(a.group(), a.resource()), a.namespace()),
                config.clock());
    }

    private static List<SubresourceHandler> admitted(
            List<SubresourceHandler> handlers, List<AdmissionPlugin> plugins, AdmissionMetrics metrics) {
        return handlers.stream()
                .<SubresourceHandler>map(h -> new AdmittedHandler(h, plugins, metrics))
                .toList();
    }

    private static void bootstrap(Authorization authorization) {
        try {
            authorization.bootstrap();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the bootstrap roles were made", e);
        }
    }
}
