package dev.sampan.network.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableTest {

    private static Ingress ingress(String name, String created, String spec) {
        return Serialization.unmarshal(
                "metadata: {name: %s, namespace: default, creationTimestamp: '%s'}\nspec: %s"
                        .formatted(name, created, spec),
                Ingress.class);
    }

    private static String rule(String host, String... paths) {
        return "{%s http: {paths: [%s]}}"
                .formatted(host.isEmpty() ? "" : "host: '" + host + "',", String.join(", ", paths));
    }

    /** A path whose service is named so. */
    private static String path(String path, String type, String service) {
        return "{path: '%s', pathType: %s, backend: {service: {name: %s, port: {number: 80}}}}"
                .formatted(path, type, service);
    }

    private static Route found(RouteTable table, String host, String path) {
        return Objects.requireNonNull(table.find(host, path));
    }

    private static String service(RouteTable table, String host, String path) {
        Route route = table.find(host, path);
        return route == null ? "none" : route.backend().service();
    }

    @ParameterizedTest
    @CsvSource({
        // the table of the Kubernetes documentation
        "Prefix,/,/anything,true",
        "Exact,/foo,/foo,true",
        "Exact,/foo,/bar,false",
        "Exact,/foo,/foo/,false",
        "Exact,/foo/,/foo,false",
        "Prefix,/foo,/foo,true",
        "Prefix,/foo,/foo/,true",
        "Prefix,/foo/,/foo,true",
        "Prefix,/foo/,/foo/,true",
        "Prefix,/aaa/bb,/aaa/bbb,false",
        "Prefix,/aaa/bbb,/aaa/bbb,true",
        "Prefix,/aaa/bbb/,/aaa/bbb,true",
        "Prefix,/aaa/bbb,/aaa/bbb/,true",
        "Prefix,/aaa/bbb,/aaa/bbb/ccc,true",
        "Prefix,/aaa/bbb,/aaa/bbbxyz,false",
        "ImplementationSpecific,/aaa,/aaabbb,true",
        "ImplementationSpecific,/aaa,/aa,false",
    })
    void pathTypes(String type, String path, String request, boolean matches) {
        var table = RouteTable.of(List.of(
                ingress("i", "2026", "{rules: [" + rule("h.example", path(path, type, "svc")) + "]}")));
        assertThat(service(table, "h.example", request)).isEqualTo(matches ? "svc" : "none");
    }

    @ParameterizedTest
    @CsvSource({
        "foo.example,/,exact",
        "FOO.example:8080,/,exact",
        "bar.foo.example,/,wildcard",
        "baz.bar.foo.example,/,any",
        "other,/,any",
        "other,/unknown,any",
        "foo.example,/a/b/c,longest",
        "foo.example,/a/b,exactly",
        "foo.example,/a/bc,shorter",
    })
    void theMostSpecificHostThenTheLongestPath(String host, String path, String service) {
        var table = RouteTable.of(List.of(ingress(
                "i",
                "2026",
                "{rules: ["
                        + String.join(
                                ", ",
                                rule(
                                        "foo.example",
                                        path("/", "Prefix", "exact"),
                                        path("/a", "Prefix", "shorter"),
                                        path("/a/b", "Prefix", "longest"),
                                        path("/a/b", "Exact", "exactly")),
                                rule("*.foo.example", path("/", "Prefix", "wildcard")),
                                rule("", path("/", "Prefix", "any")))
                        + "]}")));
        assertThat(service(table, host, path)).isEqualTo(service);
    }

    @Test
    void defaultBackends() {
        String backend = "defaultBackend: {service: {name: %s, port: {name: http}}}";
        var table = RouteTable.of(List.of(
                ingress(
                        "own",
                        "2026-02",
                        "{%s, rules: [%s]}"
                                .formatted(backend.formatted("own"), rule("a.example", path("/x", "Exact", "x")))),
                ingress("global", "2026-01", "{" + backend.formatted("global") + "}"),
                ingress("plain", "2026-03", "{rules: [" + rule("b.example", path("/x", "Exact", "x")) + "]}")));
        assertThat(service(table, "a.example", "/x")).isEqualTo("x");
        assertThat(service(table, "a.example", "/y")).isEqualTo("own");
        assertThat(service(table, "b.example", "/y")).isEqualTo("global");
        assertThat(service(table, "unknown", "/y")).isEqualTo("global");
        assertThat(found(table, "unknown", "/").backend().port()).isEqualTo("http");
    }

    @Test
    void theOlderIngressKeepsAPathThatTwoClaim() {
        var table = RouteTable.of(List.of(
                ingress("young", "2026-02", "{rules: [" + rule("a", path("/", "Prefix", "young")) + "]}"),
                ingress("old", "2026-01", "{rules: [" + rule("a", path("/", "Prefix", "old")) + "]}")));
        assertThat(service(table, "a", "/")).isEqualTo("old");
        assertThat(table.problems())
                .isEqualTo(Map.of(
                        "default/young",
                        List.of("host \"a\" and path \"/\" is already defined in ingress default/old")));
    }

    @ParameterizedTest
    @CsvSource({
        "/app,/,/app/x,/",
        "/app(/|$)(.*),/$2,/app/x/y,/x/y",
        "/app(/|$)(.*),/$2,/app,/",
        "/APP/(.*),/v1/$1,/app/x,/v1/x",
    })
    void rewrites(String path, String target, String request, String sent) {
        var ingress = ingress("i", "2026", "{rules: [" + rule("a", path(path, "ImplementationSpecific", "svc")) + "]}");
        ingress.getMetadata().setAnnotations(Map.of("nginx.ingress.kubernetes.io/rewrite-target", target));
        var table = RouteTable.of(List.of(ingress));
        assertThat(RouteTable.rewrite(found(table, "a", request), request)).isEqualTo(sent);
    }

    @Test
    void certificatesByHost() {
        var table = RouteTable.of(List.of(ingress(
                "i",
                "2026",
                "{tls: [{hosts: [a.example, '*.b.example'], secretName: s}, {secretName: rest}], rules: ["
                        + rule("c.example", path("/", "Prefix", "x")) + "]}")));
        assertThat(table.certificate("a.example:8443")).isEqualTo("default/s");
        assertThat(table.certificate("x.b.example")).isEqualTo("default/s");
        assertThat(table.certificate("c.example")).isEqualTo("default/rest");
        assertThat(table.certificate("d.example")).isNull();
    }

    @Test
    void annotations() {
        List<String> problems = new ArrayList<>();
        var options = IngressOptions.of(
                Map.of(
                        "nginx.ingress.kubernetes.io/ssl-redirect", "false",
                        "ingress.kubernetes.io/proxy-body-size", "8m",
                        "nginx.ingress.kubernetes.io/proxy-read-timeout", "120",
                        "nginx.ingress.kubernetes.io/backend-protocol", "GRPC",
                        "nginx.ingress.kubernetes.io/proxy-next-upstream", "error timeout"),
                problems::add);
        assertThat(options.sslRedirect()).isFalse();
        assertThat(options.maxBodyBytes()).isEqualTo(8 << 20);
        assertThat(options.readTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(options.protocol()).isEqualTo(IngressOptions.Protocol.GRPC);
        assertThat(options.retryNonIdempotent()).isFalse();
        assertThat(problems).isEmpty();
        assertThat(IngressOptions.of(Map.of("ingress.kubernetes.io/proxy-body-size", "0"), problems::add)
                        .maxBodyBytes())
                .isZero();
        IngressOptions.of(Map.of("nginx.ingress.kubernetes.io/proxy-body-size", "big"), problems::add);
        assertThat(problems)
                .containsExactly(
                        "annotation nginx.ingress.kubernetes.io/proxy-body-size: \"big\" is not a size such as 8m");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-,-,true",
                "sampan,-,true",
                "nginx,-,true",
                "-,nginx,true",
                "other,-,false",
                "-,other,false",
                "mine,-,true",
                "foreign,-,false",
            })
    void classes(String className, String annotation, boolean ours) {
        var ingress = ingress("i", "2026", "{}");
        ingress.getSpec().setIngressClassName(className);
        if (annotation != null) {
            ingress.getMetadata().setAnnotations(Map.of("kubernetes.io/ingress.class", annotation));
        }
        var classes = List.of(
                ingressClass("mine", "sampan.dev/ingress-gateway", false),
                ingressClass("foreign", "example.com/other", false));
        assertThat(IngressClasses.ours(ingress, classes)).isEqualTo(ours);
    }

    @Test
    void aForeignDefaultClassTakesIngressesWithoutClass() {
        var foreign = List.of(ingressClass("foreign", "example.com/other", true));
        assertThat(IngressClasses.ours(ingress("i", "2026", "{}"), foreign)).isFalse();
    }

    private static IngressClass ingressClass(String name, String controller, boolean isDefault) {
        return Serialization.unmarshal(
                "metadata: {name: %s, annotations: {ingressclass.kubernetes.io/is-default-class: '%s'}}\nspec: {controller: %s}"
                        .formatted(name, isDefault, controller),
                IngressClass.class);
    }
}
