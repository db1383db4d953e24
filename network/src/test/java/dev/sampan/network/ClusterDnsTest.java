package dev.sampan.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** The name server as a resolver sees it. */
class ClusterDnsTest {

    private final ClusterFixture cluster = new ClusterFixture();
    private ClusterDns dns;

    @BeforeEach
    void open() {
        dns = new ClusterDns(cluster.informers, ClusterDnsConfig.loopback(0));
        dns.start();
    }

    @AfterEach
    void close() {
        dns.close();
        cluster.close();
    }

    private static Message ask(ClusterDns server, String name, boolean tcp) throws IOException {
        var resolver = new SimpleResolver(server.address());
        resolver.setTCP(tcp);
        resolver.setTimeout(Duration.ofSeconds(5));
        return resolver.send(Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN)));
    }

    private static List<String> answers(Message message) {
        return message.getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .sorted()
                .toList();
    }

    @Test
    void followsServices() throws IOException {
        String name = "web.default.svc.cluster.local.";
        var none = ask(dns, name, false);
        assertThat(none.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(none.getSection(Section.AUTHORITY)).hasSize(1);
        var service = cluster.service(80, "");
        await().untilAsserted(() -> assertThat(answers(ask(dns, name, false)))
                .containsExactly(service.getSpec().getClusterIP()));
        var answer = ask(dns, name, true);
        assertThat(answers(answer)).containsExactly(service.getSpec().getClusterIP());
        assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
    }

    @Test
    void aLongAnswerIsCutOverUdpAndWholeOverTcp() throws IOException {
        cluster.create("""
                apiVersion: v1
                kind: Service
                metadata: {name: many, namespace: default}
                spec: {clusterIP: None}
                """, io.fabric8.kubernetes.api.model.Service.class);
        StringBuilder endpoints = new StringBuilder();
        for (int i = 1; i <= 100; i++) {
            endpoints.append("{addresses: [127.10.1.%d], conditions: {ready: true}},".formatted(i));
        }
        cluster.create("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: many-1, namespace: default, labels: {kubernetes.io/service-name: many}}
                addressType: IPv4
                endpoints: [%s]
                """.formatted(endpoints), io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice.class);
        String name = "many.default.svc.cluster.local.";
        await().untilAsserted(() -> assertThat(answers(ask(dns, name, true))).hasSize(100));
        var resolver = new SimpleResolver(dns.address());
        resolver.setIgnoreTruncation(true);
        var cut = resolver.send(Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN)));
        assertThat(cut.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(answers(cut)).hasSizeLessThan(100);
    }

    @Test
    void otherNamesAreRefusedOrAskedElsewhere() throws IOException {
        assertThat(ask(dns, "example.com.", false).getRcode()).isEqualTo(Rcode.REFUSED);
        var service = cluster.service(80, "");
        await().until(() ->
                !answers(ask(dns, "web.default.svc.cluster.local.", false)).isEmpty());
        var config = new ClusterDnsConfig(new InetSocketAddress("127.0.0.1", 0), "other.local", List.of(dns.address()));
        try (var second = new ClusterDns(cluster.informers, config)) {
            second.start();
            for (boolean tcp : new boolean[] {false, true}) {
                assertThat(answers(ask(second, "web.default.svc.cluster.local.", tcp)))
                        .containsExactly(service.getSpec().getClusterIP());
            }
        }
    }
}
