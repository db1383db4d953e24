package dev.sampan.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

class ClusterZoneTest {

    private static Service service(String name, String spec) {
        return Serialization.unmarshal(
                "metadata: {name: %s, namespace: default}\nspec: %s".formatted(name, spec), Service.class);
    }

    private static final Map<String, Service> SERVICES = Map.of(
            "web",
                    service(
                            "web",
                            "{clusterIP: 127.96.0.10, ports: [{name: http, port: 80, protocol: TCP}, {name: dns, port: 53, protocol: UDP}]}"),
            "six", service("six", "{clusterIP: 'fd00::1', ports: [{port: 80}]}"),
            "db", service("db", "{clusterIP: None, ports: [{name: sql, port: 5432}]}"),
            "empty", service("empty", "{clusterIP: None}"),
            "away", service("away", "{type: ExternalName, externalName: example.com}"));

    private static final EndpointSlice DB = Serialization.unmarshal("""
            metadata: {name: db-1, namespace: default, labels: {kubernetes.io/service-name: db}}
            addressType: IPv4
            ports: [{name: sql, port: 15432, protocol: TCP}]
            endpoints:
            - {addresses: [127.10.0.1], hostname: db-0, conditions: {ready: true}}
            - {addresses: [127.10.0.2], conditions: {ready: true}}
            - {addresses: [127.10.0.3], hostname: db-2, conditions: {ready: false}}
            """, EndpointSlice.class);

    private final ClusterZone zone = new ClusterZone("cluster.local", new ClusterView() {
        @Override
        public @Nullable Service service(String namespace, String name) {
            return namespace.equals("default") ? SERVICES.get(name) : null;
        }

        @Override
        public Collection<EndpointSlice> slices(String namespace, String service) {
            return service.equals("db") ? List.of(DB) : List.of();
        }

        @Override
        public boolean namespaceExists(String name) {
            return name.equals("default");
        }

        @Override
        public Collection<Service> servicesAt(String address) {
            return SERVICES.values().stream()
                    .filter(s -> address.equals(s.getSpec().getClusterIP()))
                    .toList();
        }

        @Override
        public Collection<EndpointSlice> slicesAt(String address) {
            return address.startsWith("127.10.") ? List.of(DB) : List.of();
        }
    });

    private String ask(String name, String type) throws TextParseException {
        var answer = zone.answer(Name.fromString(name), Type.value(type));
        if (answer.isEmpty()) {
            return "elsewhere";
        }
        if (answer.get().rcode() == Rcode.NXDOMAIN) {
            return "no such name";
        }
        return answer.get().records().stream()
                .map(Record::rdataToString)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", emptyValue = "", textBlock = """
            web.default.svc.cluster.local.              | A     | 127.96.0.10
            WEB.Default.svc.Cluster.Local.              | A     | 127.96.0.10
            web.default.svc.cluster.local.              | AAAA  | ''
            six.default.svc.cluster.local.              | AAAA  | fd00:0:0:0:0:0:0:1
            nope.default.svc.cluster.local.             | A     | no such name
            web.other.svc.cluster.local.                | A     | no such name
            default.svc.cluster.local.                  | A     | ''
            other.svc.cluster.local.                    | A     | no such name
            db.default.svc.cluster.local.               | A     | 127.10.0.1, 127.10.0.2
            empty.default.svc.cluster.local.            | A     | no such name
            db-0.db.default.svc.cluster.local.          | A     | 127.10.0.1
            127-10-0-2.db.default.svc.cluster.local.    | A     | 127.10.0.2
            db-2.db.default.svc.cluster.local.          | A     | no such name
            _http._tcp.web.default.svc.cluster.local.   | SRV   | 0 100 80 web.default.svc.cluster.local.
            _dns._udp.web.default.svc.cluster.local.    | SRV   | 0 100 53 web.default.svc.cluster.local.
            _http._udp.web.default.svc.cluster.local.   | SRV   | no such name
            _sql._tcp.db.default.svc.cluster.local.     | SRV   | 0 100 15432 127-10-0-2.db.default.svc.cluster.local., 0 100 15432 db-0.db.default.svc.cluster.local.
            away.default.svc.cluster.local.             | A     | example.com.
            127-10-0-7.default.pod.cluster.local.       | A     | 127.10.0.7
            127-10-0-7.other.pod.cluster.local.         | A     | no such name
            text.default.pod.cluster.local.             | A     | no such name
            dns-version.cluster.local.                  | TXT   | 1.1.0
            10.0.96.127.in-addr.arpa.                   | PTR   | web.default.svc.cluster.local.
            1.0.10.127.in-addr.arpa.                    | PTR   | db-0.db.default.svc.cluster.local.
            9.9.9.9.in-addr.arpa.                       | PTR   | elsewhere
            example.com.                                | A     | elsewhere
            """, quoteCharacter = '\'')
    void names(String name, String type, String answer) throws TextParseException {
        assertThat(ask(name, type)).isEqualTo(answer == null ? "" : answer);
    }

    @Test
    void serviceRecordsComeWithTheirAddresses() throws TextParseException {
        var answer = zone.answer(Name.fromString("_sql._tcp.db.default.svc.cluster.local."), Type.SRV)
                .orElseThrow();
        assertThat(answer.additional())
                .extracting(Record::rdataToString)
                .containsExactlyInAnyOrder("127.10.0.1", "127.10.0.2");
    }
}
