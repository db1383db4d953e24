package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

/** Services, Endpoints, EndpointSlices, Ingresses as objects. */
record NetworkRows(Cluster cluster) {

    private Resource services() {
        return new Resource(cluster, "", "v1", "services", "Service", cluster.namespace(), """
                spec: {type: LoadBalancer, selector: {a: b}, ports: [{name: http, port: 80, targetPort: 80}]}
                """);
    }

    @Row(190)
    void endpointSlices() {
        new Resource(cluster, "discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", cluster.namespace(), """
                addressType: IPv4
                endpoints: [{addresses: [1.2.3.4, 5.6.7.8]}]
                ports: [{name: http, port: 80, protocol: TCP}]
                """)
                .cycle();
    }

    @Row(193)
    void ingresses() {
        var ingresses =
                new Resource(cluster, "networking.k8s.io", "v1", "ingresses", "Ingress", cluster.namespace(), """
                spec: {defaultBackend: {service: {name: default-backend, port: {number: 80}}}, rules: []}
                """);
        ingresses.cycle();
        ingresses.create("i", "status");
        ingresses.status(
                "i",
                "status: {loadBalancer: {ingress: [{ip: 169.1.1.1}]}}",
                "status.loadBalancer.ingress.0.ip",
                "169.1.1.1");
    }

    @Row(194)
    void ingressClasses() {
        new Resource(
                        cluster,
                        "networking.k8s.io",
                        "v1",
                        "ingressclasses",
                        "IngressClass",
                        "",
                        "spec: {controller: example.com/controller}")
                .cycle();
    }

    @Row(210)
    void completesTheLifeOfAStatus() {
        var services = services();
        try (var watch = cluster.watch(services.path())) {
            services.create("s", "status");
            services.status(
                    "s",
                    "status: {loadBalancer: {ingress: [{ip: 203.0.113.1}]}}",
                    "status.loadBalancer.ingress.0.ip",
                    "203.0.113.1");
            var object = (tools.jackson.databind.node.ObjectNode)
                    cluster.get(services.path("s")).body().deepCopy();
            ((tools.jackson.databind.node.ObjectNode) object.get("status"))
                    .putArray("conditions")
                    .addObject()
                    .put("type", "StatusUpdate")
                    .put("status", "True")
                    .put("reason", "E2E")
                    .put("message", "Set")
                    .put("lastTransitionTime", "2026-01-01T00:00:00Z");
            assertThat(cluster.put(services.path("s") + "/status", object.toString())
                            .ok()
                            .at("status.conditions.0.type"))
                    .isEqualTo("StatusUpdate");
            cluster.patch(services.path("s"), "metadata: {labels: {x: z}}").ok();
            cluster.delete(services.path("s")).ok();
            assertThat(watch.first(6)).startsWith("ADDED s").endsWith("DELETED s");
        }
    }

    @Row(211)
    void deletesACollectionOfServices() {
        var services = services();
        for (var name : new String[] {"s1", "s2", "s3"}) {
            services.create(name, "set");
        }
        cluster.patch(services.path("s3"), "metadata: {labels: {row: other}}").ok();
        cluster.delete(services.path() + "?labelSelector=row%3Dset").ok();
        assertThat(cluster.names(services.path())).containsExactly("s3");
    }

    @Row(212)
    void findsAServiceInAllNamespaces() {
        var services = services();
        services.create("findme", "all");
        var found = cluster.get("/api/v1/services?fieldSelector=metadata.name%3Dfindme")
                .ok();
        assertThat(found.at("items.0.metadata.namespace")).isEqualTo(services.namespace());
    }

    @Row(215)
    void hasASecureMasterService() {
        var master =
                cluster.get("/api/v1/namespaces/default/services/kubernetes").ok();
        assertThat(master.at("spec.ports.0.name") + master.at("spec.ports.0.port"))
                .isEqualTo("https443");
    }

    @Row(219)
    void endpoints() {
        var endpoints = new Resource(cluster, "", "v1", "endpoints", "Endpoints", cluster.namespace(), """
                subsets: [{addresses: [{ip: 10.0.0.24}], ports: [{name: http, port: 80, protocol: TCP}]}]
                """);
        endpoints.cycle();
        endpoints.create("e", "patch");
        cluster.patchAs(
                        "strategic-merge",
                        endpoints.path("e"),
                        "{\"subsets\":[{\"addresses\":[{\"ip\":\"10.0.0.25\"}],\"ports\":[{\"name\":\"http-test\",\"port\":8080}]}]}")
                .ok();
        assertThat(cluster.get(endpoints.path("e")).at("subsets.0.addresses.0.ip"))
                .isEqualTo("10.0.0.25");
    }
}
