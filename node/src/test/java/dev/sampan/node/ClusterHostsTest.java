package dev.sampan.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HostAliasBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterHostsTest {

    private static Service service(String namespace, String name, String ip) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withClusterIP(ip)
                .endSpec()
                .build();
    }

    private static Pod pod(String namespace, String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
    }

    private static EndpointSlice slice(String namespace, String service) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .addToLabels("kubernetes.io/service-name", service)
                .endMetadata()
                .withEndpoints(
                        new EndpointBuilder()
                                .withAddresses("127.10.0.7")
                                .withNewConditions()
                                .withReady(true)
                                .endConditions()
                                .build(),
                        new EndpointBuilder()
                                .withAddresses("127.10.0.8")
                                .withNewConditions()
                                .withReady(false)
                                .endConditions()
                                .build())
                .build();
    }

    private static String content(List<Service> services, List<EndpointSlice> slices, List<Pod> pods, Pod pod) {
        return new ClusterHosts(services, slices, pods, "cluster.local")
                .content(pod, "127.10.0.5", "10.0.0.1\tbig-host\n");
    }

    @Test
    void beginsAsTheKubeletsFile() {
        assertThat(content(List.of(), List.of(), List.of(), pod("shop", "web-0")))
                .startsWith("""
                # Kubernetes-managed hosts file.
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::0\tip6-localnet
                fe00::0\tip6-mcastprefix
                fe00::1\tip6-allnodes
                fe00::2\tip6-allrouters
                127.10.0.5\tweb-0
                """);
    }

    @Test
    void givesShortNamesToThePodsOwnNamespaceOnly() {
        var services = List.of(service("shop", "db", "127.96.0.9"), service("bank", "db", "127.96.0.10"));

        assertThat(content(services, List.of(), List.of(), pod("shop", "web")))
                .contains("127.96.0.9\tdb.shop.svc.cluster.local db.shop.svc db.shop db\n")
                .contains("127.96.0.10\tdb.bank.svc.cluster.local db.bank.svc db.bank\n");
        assertThat(content(services, List.of(), List.of(), pod("bank", "web")))
                .contains("127.96.0.9\tdb.shop.svc.cluster.local db.shop.svc db.shop\n")
                .contains("127.96.0.10\tdb.bank.svc.cluster.local db.bank.svc db.bank db\n");
    }

    @Test
    void resolvesHeadlessServicesToReadyPods() {
        var headless = service("shop", "peers", "None");

        assertThat(content(List.of(headless), List.of(slice("shop", "peers")), List.of(), pod("shop", "web")))
                .contains("127.10.0.7\tpeers.shop.svc.cluster.local")
                .doesNotContain("127.10.0.8");

        headless.getSpec().setPublishNotReadyAddresses(true);
        assertThat(content(List.of(headless), List.of(slice("shop", "peers")), List.of(), pod("shop", "web")))
                .contains("127.10.0.8\tpeers.shop.svc.cluster.local");
    }

    @Test
    void namesPodsWithASubdomain() {
        var member = pod("shop", "db-0");
        member.getSpec().setHostname("zero");
        member.getSpec().setSubdomain("peers");
        member.setStatus(new io.fabric8.kubernetes.api.model.PodStatusBuilder()
                .withPodIP("127.10.0.5")
                .build());

        var file = content(List.of(), List.of(), List.of(member), member);

        assertThat(file)
                .contains("127.10.0.5\tzero.peers.shop.svc.cluster.local\tzero\n")
                .contains("127.10.0.5\tzero.peers.shop.svc.cluster.local zero.peers.shop.svc zero.peers.shop\n");
    }

    @Test
    void addsAliases() {
        var pod = pod("shop", "web");
        pod.getSpec()
                .setHostAliases(List.of(new HostAliasBuilder()
                        .withIp("10.1.2.3")
                        .withHostnames("foo.local", "bar.local")
                        .build()));

        assertThat(content(List.of(), List.of(), List.of(), pod))
                .contains("\n# Entries added by HostAliases.\n10.1.2.3\tfoo.local\tbar.local\n");
    }

    @Test
    void givesPodsOnTheNodesNetworkTheNodesFile() {
        var pod = pod("shop", "agent");
        pod.getSpec().setHostNetwork(true);

        assertThat(content(List.of(), List.of(), List.of(), pod))
                .startsWith("# Kubernetes-managed hosts file (host network).\n10.0.0.1\tbig-host\n")
                .doesNotContain("127.10.0.5");
    }

    @Test
    void cutsLongPodNames() {
        var name = "a".repeat(62) + "-" + "b".repeat(20);

        assertThat(content(List.of(), List.of(), List.of(), pod("shop", name)))
                .contains("127.10.0.5\t" + "a".repeat(62) + "\n");
    }
}
