package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

/** ConfigMaps, Secrets, PodTemplates, Leases. */
record ConfigRows(Cluster cluster) {

    private Resource configMaps() {
        return new Resource(cluster, "", "v1", "configmaps", "ConfigMap", cluster.namespace(), "data: {a: b}");
    }

    private Resource secrets() {
        return new Resource(cluster, "", "v1", "secrets", "Secret", cluster.namespace(), "data: {key: dmFsdWU=}");
    }

    @Row(222)
    void refusesAConfigMapWithAnEmptyKey() {
        var path = configMaps().path();
        cluster.post(path, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e}\ndata: {'': value}")
                .refused(422);
    }

    @Row(223)
    void runsThroughTheLifeOfAConfigMap() {
        var maps = configMaps();
        maps.cycle();
        maps.create("c", "life");
        cluster.patchAs("strategic-merge", maps.path("c"), "{\"data\":{\"valueName\":\"value1\"}}")
                .ok();
        var all = cluster.get("/api/v1/configmaps?labelSelector=row%3Dlife").ok();
        assertThat(all.at("items.0.data")).isEqualTo("{\"a\":\"b\",\"valueName\":\"value1\"}");
    }

    @Row(290)
    void refusesASecretWithAnEmptyKey() {
        var path = secrets().path();
        cluster.post(path, "apiVersion: v1\nkind: Secret\nmetadata: {name: e}\ndata: {'': dmFsdWU=}")
                .refused(422);
    }

    @Row(291)
    void patchesASecret() {
        var secrets = secrets();
        secrets.cycle();
        secrets.create("s", "secret");
        cluster.patchAs(
                        "strategic-merge",
                        secrets.path("s"),
                        "{\"metadata\":{\"labels\":{\"patched\":\"true\"}},\"data\":{\"key\":\"dmFsdWUx\"}}")
                .ok();
        var found = cluster.get("/api/v1/secrets?labelSelector=patched%3Dtrue").ok();
        assertThat(found.at("items.0.data.key")).isEqualTo("dmFsdWUx");
        cluster.delete(secrets.path() + "?labelSelector=patched%3Dtrue").ok();
        cluster.get(secrets.path("s")).refused(404);
    }

    @Row(332)
    void keepsImmutableConfigMaps() {
        immutable(configMaps(), "data: {a: c}");
    }

    @Row(400)
    void keepsImmutableSecrets() {
        immutable(secrets(), "data: {key: eA==}");
    }

    private void immutable(Resource resource, String change) {
        resource.create("o", "immutable");
        cluster.patch(resource.path("o"), change).ok();
        cluster.patch(resource.path("o"), "immutable: true").ok();
        cluster.patch(resource.path("o"), "immutable: false").refused(422);
        cluster.patch(resource.path("o"), "data: {more: eQ==}").refused(422);
        cluster.patch(resource.path("o"), "metadata: {labels: {x: z}}").ok();
        cluster.delete(resource.path("o")).ok();
    }

    private Resource templates() {
        return new Resource(cluster, "", "v1", "podtemplates", "PodTemplate", cluster.namespace(), """
                template: {metadata: {labels: {a: b}}, spec: {containers: [{name: nginx, image: nginx}]}}
                """);
    }

    @Row(260)
    void runsThroughTheLifeOfPodTemplates() {
        templates().cycle();
    }

    @Row(258)
    void deletesACollectionOfPodTemplates() {
        var templates = templates();
        for (var name : new String[] {"t1", "t2", "t3"}) {
            templates.create(name, "set");
        }
        assertThat(cluster.names(templates.path() + "?labelSelector=row%3Dset")).hasSize(3);
        cluster.delete(templates.path() + "?labelSelector=row%3Dset").ok();
        assertThat(cluster.names(templates.path())).isEmpty();
    }

    @Row(259)
    void replacesAPodTemplate() {
        var templates = templates();
        var created = templates.create("t", "replace");
        var replaced = templates.update(created, "updated");
        assertThat(replaced.at("metadata.annotations.updated")).isEqualTo("true");
        assertThat(replaced.at("metadata.resourceVersion")).isNotEqualTo(created.at("metadata.resourceVersion"));
    }

    @Row(254)
    void leases() {
        var leases = new Resource(cluster, "coordination.k8s.io", "v1", "leases", "Lease", cluster.namespace(), """
                spec: {holderIdentity: holder, leaseDurationSeconds: 30, leaseTransitions: 0,
                  acquireTime: '2026-01-01T00:00:00.000000Z', renewTime: '2026-01-01T00:00:10.000000Z'}
                """);
        leases.cycle();
        leases.create("l", "lease");
        var patched = cluster.patchAs(
                "strategic-merge",
                leases.path("l"),
                "{\"spec\":{\"holderIdentity\":\"other\",\"leaseTransitions\":1}}");
        assertThat(patched.ok().at("spec.holderIdentity")).isEqualTo("other");
        assertThat(patched.at("spec.acquireTime")).isEqualTo("2026-01-01T00:00:00.000000Z");
    }
}
