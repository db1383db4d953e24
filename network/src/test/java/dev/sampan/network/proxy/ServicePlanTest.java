package dev.sampan.network.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServicePlanTest {

    private static Service service(String spec) {
        return Serialization.unmarshal(
                "metadata: {name: web, namespace: default}\nspec:\n  clusterIP: 127.96.0.10\n  " + spec, Service.class);
    }

    private static EndpointSlice slice(String endpoints) {
        return Serialization.unmarshal("""
                metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{name: http, port: 8080, protocol: TCP}]
                endpoints: [%s]
                """.formatted(endpoints), EndpointSlice.class);
    }

    private static final String PORT = "ports: [{name: http, port: 80, targetPort: 8080%s}]";

    private static List<Frontend> plan(Service service, EndpointSlice... slices) {
        return ServicePlan.of(service, List.of(slices), "here", List.of("127.0.0.1"));
    }

    private static List<String> targets(List<Frontend> plan) {
        return plan.stream()
                .flatMap(f -> f.targets().stream())
                .map(InetSocketAddress::getHostString)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {addresses: [127.10.0.1]}                                                                        | 127.10.0.1
            {addresses: [127.10.0.1], conditions: {ready: true}}, {addresses: [127.10.0.2], conditions: {ready: false}} | 127.10.0.1
            {addresses: [127.10.0.1], conditions: {ready: false, serving: true, terminating: true}}, {addresses: [127.10.0.2]} | 127.10.0.2
            {addresses: [127.10.0.1], conditions: {ready: false, serving: true, terminating: true}}, {addresses: [127.10.0.2], conditions: {ready: false}} | 127.10.0.1
            {addresses: [127.10.0.1], conditions: {ready: false, serving: false, terminating: true}}         |
            """)
    void picksReadyEndpointsAndTerminatingOnesOnlyIfNoneIsReady(String endpoints, String chosen) {
        assertThat(targets(plan(service(PORT.formatted("")), slice(endpoints))))
                .isEqualTo(chosen == null ? List.of() : List.of(chosen));
    }

    @Test
    void aPortWithoutEndpointsHasNoFrontend() {
        assertThat(plan(service(PORT.formatted("")))).isEmpty();
    }

    @Test
    void nodePortsAndExternalAddressesComeToo() {
        var service = service("type: NodePort\n  externalIPs: [127.0.0.9]\n  " + PORT.formatted(", nodePort: 30080"));
        assertThat(plan(service, slice("{addresses: [127.10.0.1]}")))
                .extracting(f -> f.address().getHostString() + ":" + f.address().getPort())
                .containsExactly("127.96.0.10:80", "127.0.0.1:30080", "127.0.0.9:80");
    }

    @Test
    void localPoliciesKeepToTheNode() {
        var service = service("internalTrafficPolicy: Local\n  " + PORT.formatted(", nodePort: 30080"));
        var plan = plan(
                service,
                slice("{addresses: [127.10.0.1], nodeName: there}, {addresses: [127.10.0.2], nodeName: here}"));
        assertThat(plan.get(0).targets()).containsExactly(new InetSocketAddress("127.10.0.2", 8080));
        assertThat(plan.get(1).targets()).hasSize(2);
    }

    @Test
    void headlessAndExternalNameServicesHaveNone() {
        var headless = service(PORT.formatted(""));
        headless.getSpec().setClusterIP("None");
        assertThat(plan(headless, slice("{addresses: [127.10.0.1]}"))).isEmpty();
        assertThat(plan(service("type: ExternalName\n  externalName: example.com"), slice("")))
                .isEmpty();
    }

    @Test
    void affinityHasUpstreamsDefault() {
        assertThat(plan(
                                service("sessionAffinity: ClientIP\n  " + PORT.formatted("")),
                                slice("{addresses: [127.10.0.1]}"))
                        .getFirst()
                        .affinity())
                .isEqualTo(Duration.ofHours(3));
        assertThat(plan(
                                service(
                                        "sessionAffinity: ClientIP\n  sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}\n  "
                                                + PORT.formatted("")),
                                slice("{addresses: [127.10.0.1]}"))
                        .getFirst()
                        .affinity())
                .isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void saysHowToOpenAPortThatIsRefused() {
        var low = new InetSocketAddress("127.96.0.1", 443);
        assertThat(Frontends.explain(low, new SocketException("Permission denied")))
                .contains("127.96.0.1:443")
                .contains("sysctl -w net.ipv4.ip_unprivileged_port_start=443");
        assertThat(Frontends.explain(low, new BindException("Address already in use")))
                .contains("another program has the port");
        assertThat(Frontends.explain(low, new IOException("odd"))).endsWith("odd");
    }
}
