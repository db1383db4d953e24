package dev.sampan.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.WholeServer.Answer;
import dev.sampan.store.MemoryStore;
import dev.sampan.store.Store;
import dev.sampan.store.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two API servers on one store, and what they write down about the addresses that they hand out. */
class ServiceAddressesTest {

    private static final String SERVICES = "/api/v1/namespaces/team/services";
    private static final String ADDRESSES = "/apis/networking.k8s.io/v1/ipaddresses";
    private static final String CIDRS = "/apis/networking.k8s.io/v1/servicecidrs";
    private static final String PORTS = "/registry/ranges/servicenodeports/";

    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");

    @TempDir
    private Path pki;

    private final Store store = new MemoryStore();
    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private WholeServer one;
    private WholeServer other;

    @BeforeEach
    void start() {
        one = server(store);
        other = server(store);
        one.namespace("team");
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
        store.close();
    }

    /** 125 addresses besides the API server's own, 60 ports. */
    private WholeServer server(Store over) {
        UnaryOperator<ApiServerConfig> small = config -> config.withServiceCidr("127.96.0.0/25")
                .withServiceNodePorts("30000-30059")
                .withClock(now::get);
        return new WholeServer(pki, small, over);
    }

    private static String service(String name, String spec) {
        return "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {ports: [{port: 80}]%s}"
                .formatted(name, spec.isEmpty() ? "" : ", " + spec);
    }

    private Answer create(String name, String spec) {
        return one.post(SERVICES, service(name, spec));
    }

    private List<String> addresses() {
        return names(one.get(ADDRESSES));
    }

    private static List<String> names(Answer list) {
        return list.ok().body().path("items").valueStream().map(Meta::name).toList();
    }

    private List<String> ports() {
        var result = new ArrayList<String>();
        store.snapshot().range(PORTS, null).forEach(e -> result.add(e.key().substring(PORTS.length())));
        return result;
    }

    private List<String> warnings(String namespace) {
        return one.get("/api/v1/namespaces/" + namespace + "/events")
                .ok()
                .body()
                .path("items")
                .valueStream()
                .map(event -> Meta.text(event, "reason") + " " + event.path("count"))
                .toList();
    }

    private void repair() {
        new ServiceRepair(
                        one.objects(),
                        new ServiceAddresses("127.96.0.0/25", "30000-30059", new java.util.Random(7)),
                        now::get)
                .repair();
    }

    @Test
    void twoServersNeverHandOutTheSame() throws Exception {
        var tasks = new ArrayList<Callable<Answer>>();
        for (int i = 0; i < 60; i++) {
            for (var server : List.of(one, other)) {
                var name = "s" + i + (server == one ? "" : "x");
                var type = i % 2 == 0 ? "type: NodePort" : "";
                tasks.add(() -> server.post(SERVICES, service(name, type)));
            }
            // They lose against the one of that name, or take the address of nobody.
            var again = "s" + i;
            tasks.add(() -> other.post(SERVICES, service(again, "clusterIP: 127.96.0.2")));
        }
        var created = new ArrayList<Answer>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var answer : threads.invokeAll(tasks)) {
                created.add(answer.get());
            }
        }
        assertThat(created).extracting(Answer::code).containsOnly(201, 409, 422);
        var services = one.get("/api/v1/services").ok().body().path("items");
        assertThat(services.size()).isBetween(110, 121);
        var held = services.valueStream()
                .map(s -> Meta.text(s, "spec", "clusterIP"))
                .toList();
        assertThat(held).doesNotHaveDuplicates();
        assertThat(addresses()).containsExactlyInAnyOrderElementsOf(held);
        var heldPorts = services.valueStream()
                .flatMap(s -> ServiceName.portsOf(s).stream())
                .map(String::valueOf)
                .toList();
        assertThat(heldPorts).hasSizeGreaterThan(50).doesNotHaveDuplicates();
        assertThat(ports()).containsExactlyInAnyOrderElementsOf(heldPorts);
    }

    @Test
    void anAddressTellsItsService() {
        var service = create("web", "").ok();
        var address = one.get(ADDRESSES + "/" + service.at("spec.clusterIP")).ok();
        assertThat(address.at("spec.parentRef.resource")).isEqualTo("services");
        assertThat(address.at("spec.parentRef.namespace")).isEqualTo("team");
        assertThat(address.at("spec.parentRef.name")).isEqualTo("web");
        assertThat(one.get(ADDRESSES + "/127.96.0.1").at("spec.parentRef.name")).isEqualTo("kubernetes");
        var cidr = one.get(CIDRS + "/kubernetes").ok();
        assertThat(cidr.at("spec.cidrs")).isEqualTo("[\"127.96.0.0/25\"]");
        assertThat(cidr.at("status.conditions.0.status")).isEqualTo("True");
    }

    @Test
    void dryRunsReserveNothing() {
        long before = store.snapshot().revision();
        var tried = one.call(WholeServer.ADMIN, "POST", SERVICES + "?dryRun=All", service("web", "type: NodePort"));
        assertThat(tried.ok().at("spec.clusterIP")).startsWith("127.96.0.");
        assertThat(tried.at("spec.ports.0.nodePort")).startsWith("30");
        assertThat(store.snapshot().revision()).isEqualTo(before);
    }

    @Test
    void whatIsRefusedReservesNothing() {
        create("web", "type: NodePort").ok();
        var addresses = addresses();
        var ports = ports();
        create("web", "type: NodePort").refused(409);
        create("bad", "type: NodePort, sessionAffinity: Sometimes").refused(422);
        create("bad", "type: NodePort, clusterIP: 127.97.0.1").refused(422);
        one.post(
                        SERVICES,
                        "apiVersion: v1\nkind: Service\nmetadata: {name: bad}\n"
                                + "spec: {type: NodePort, ports: [{name: a, port: 80}, {name: b, port: 81, nodePort: 1}]}")
                .refused(422);
        assertThat(addresses()).isEqualTo(addresses);
        assertThat(ports()).isEqualTo(ports);
    }

    @Test
    void changesAndDeletionsGiveBack() {
        create("web", "type: NodePort").ok();
        assertThat(ports()).hasSize(1);
        one.patch(SERVICES + "/web", "spec: {type: ClusterIP, ports: [{port: 80, nodePort: null}]}")
                .ok();
        assertThat(ports()).isEmpty();
        one.patch(
                        SERVICES + "/web",
                        "spec: {type: ExternalName, externalName: example.org, clusterIP: null, clusterIPs: null}")
                .ok();
        assertThat(addresses()).containsExactly("127.96.0.1");
        one.patch(SERVICES + "/web", "spec: {type: NodePort, externalName: null}")
                .ok();
        assertThat(addresses()).hasSize(2);
        assertThat(ports()).hasSize(1);
        other.delete(SERVICES + "/web").ok();
        assertThat(addresses()).containsExactly("127.96.0.1");
        assertThat(ports()).isEmpty();
    }

    @Test
    void aServerThatStartsReservesWhatServicesHave() {
        var address = create("web", "type: NodePort").ok().at("spec.clusterIP");
        var ports = ports();
        Store.await(store.delete("/registry/networking.k8s.io/ipaddresses/" + address, Store.ANY));
        Store.await(store.delete("/registry/networking.k8s.io/ipaddresses/127.96.0.1", Store.ANY));
        Store.await(store.delete(PORTS + ports.getFirst(), Store.ANY));
        try (var upgraded = server(store)) {
            assertThat(names(upgraded.get(ADDRESSES))).containsExactlyInAnyOrder("127.96.0.1", address);
            assertThat(ports()).isEqualTo(ports);
            upgraded.post(SERVICES, service("late", "clusterIP: " + address)).refused(422);
        }
    }

    @Test
    void repairsWhatIsMissingAndWhatIsLeft() {
        var address = create("web", "type: NodePort").ok().at("spec.clusterIP");
        var port = ports().getFirst();
        Store.await(store.delete("/registry/networking.k8s.io/ipaddresses/" + address, Store.ANY));
        Store.await(store.delete(PORTS + port, Store.ANY));
        ClusterIps.create("127.96.0.99", new ServiceName("team", "dead"), one.objects());
        NodePorts.create(30059, new ServiceName("team", "dead"), NodePorts.reservations(one.objects()), START);

        repair();
        assertThat(addresses()).containsExactlyInAnyOrder("127.96.0.1", address, "127.96.0.99");
        assertThat(ports()).contains(port, "30059");
        assertThat(warnings("team")).containsExactlyInAnyOrder("ClusterIPNotAllocated 1", "PortNotAllocated 1");

        now.updateAndGet(time -> time.plus(Duration.ofMinutes(3)));
        repair();
        assertThat(addresses()).containsExactlyInAnyOrder("127.96.0.1", address);
        assertThat(ports()).containsExactly(port);
        assertThat(warnings("default")).containsExactly("IPAddressNotAllocated 1");
    }

    @Test
    void tellsOfServicesWithTheSameAddress() {
        var service = create("web", "").ok();
        var twin = service.body().toString().replace("\"web\"", "\"twin\"");
        Store.await(store.put(
                "/registry/core/services/team/twin",
                twin.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                Store.ABSENT));
        repair();
        repair();
        assertThat(warnings("team")).containsExactly("ClusterIPAlreadyAllocated 2");
        assertThat(one.get(ADDRESSES + "/" + service.at("spec.clusterIP")).at("spec.parentRef.name"))
                .isEqualTo("web");
    }

    @Test
    void furtherRangesAreUsedAndKeptWhileNeeded() {
        one.post(
                        CIDRS,
                        "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: more}\nspec: {cidrs: [127.96.7.0/28]}")
                .ok();
        await().untilAsserted(() -> assertThat(one.get(CIDRS + "/more").at("status.conditions.0.status"))
                .isEqualTo("True"));
        other.post(SERVICES, service("web", "clusterIP: 127.96.7.3")).ok();
        one.delete(CIDRS + "/more").ok();
        await().untilAsserted(() -> assertThat(one.get(CIDRS + "/more").at("status.conditions.0.reason"))
                .isEqualTo("Terminating"));
        one.post(SERVICES, service("late", "clusterIP: 127.96.7.4")).refused(422);
        one.delete(SERVICES + "/web").ok();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(one.get(CIDRS + "/more").code()).isEqualTo(404));
    }

    @Test
    void whatMayBeStoredStaysReserved() {
        var forgetful = (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    try {
                        var result = method.invoke(store, arguments);
                        boolean lost = method.getName().equals("put")
                                && arguments[0].toString().endsWith("/team/web");
                        return lost ? unanswered((CompletableFuture<?>) result) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        try (var unlucky = server(forgetful)) {
            unlucky.post(SERVICES, service("web", "type: NodePort")).refused(500);
        }
        var stored = one.get(SERVICES + "/web").ok();
        assertThat(addresses()).contains(stored.at("spec.clusterIP"));
        assertThat(ports()).containsExactly(stored.at("spec.ports.0.nodePort"));
    }

    /** Fails once the store is done: what it did stays, the caller never hears of it. */
    private static CompletableFuture<?> unanswered(CompletableFuture<?> done) {
        return done.thenCompose(result -> CompletableFuture.failedFuture(new StoreException("no answer")));
    }

    @Test
    void aFullRangeIsSaid() {
        var taken = new HashSet<String>();
        Answer last;
        int i = 0;
        do {
            last = create("s" + i++, "");
            taken.add(last.at("spec.clusterIP"));
        } while (last.code() == 201);
        assertThat(last.message()).contains("failed to allocate a serviceIP: range is full");
        assertThat(addresses()).hasSize(126);
        assertThat(Stream.of("127.96.0.1", "127.96.0.0", "127.96.0.127")).doesNotContainAnyElementsOf(taken);
    }
}
