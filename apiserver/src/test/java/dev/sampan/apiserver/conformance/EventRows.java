package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

/** Events of the core group and of events.k8s.io. */
record EventRows(Cluster cluster) {

    private static String core(String namespace) {
        return """
                message: This is a test event
                reason: Test
                type: Normal
                count: 1
                involvedObject: {kind: Pod, namespace: %s}
                """.formatted(namespace);
    }

    private static String modern(String namespace) {
        return """
                eventTime: '2026-01-01T00:00:00.000000Z'
                note: This is an event
                reason: Test
                action: Do
                type: Normal
                reportingController: test-controller
                reportingInstance: test-node
                regarding: {kind: Pod, namespace: %s}
                series: {count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z'}
                """.formatted(namespace);
    }

    private Resource events(String group) {
        var namespace = cluster.namespace();
        return new Resource(
                cluster,
                group,
                "v1",
                "events",
                "Event",
                namespace,
                group.isEmpty() ? core(namespace) : modern(namespace));
    }

    @Row(178)
    void runsThroughTheLifeOfAnEvent() {
        var events = events("");
        events.cycle();
        events.create("e", "life");
        cluster.patchAs("strategic-merge", events.path("e"), "{\"message\":\"patched\"}")
                .ok();
        assertThat(cluster.get(events.path("e")).at("message")).isEqualTo("patched");
        assertThat(cluster.names("/api/v1/events?fieldSelector=reason%3DTest,metadata.name%3De"))
                .contains("e");
    }

    @Row(177)
    void deletesACollection() {
        collection(events(""));
    }

    @Row(176)
    void fetchesPatchesDeletesAndListsAnEvent() {
        var events = events("events.k8s.io");
        events.cycle();
        events.create("e", "life");
        var patched = cluster.patchAs(
                "strategic-merge",
                events.path("e"),
                "{\"series\":{\"count\":100,\"lastObservedTime\":\"2026-01-02T00:00:00.000000Z\"}}");
        assertThat(patched.ok().at("series.count")).isEqualTo("100");
        assertThat(cluster.get("/api/v1/namespaces/" + events.namespace() + "/events/e")
                        .ok()
                        .at("message"))
                .isEqualTo("This is an event");
        assertThat(cluster.names(events.path() + "?fieldSelector=reportingController%3Dtest-controller"))
                .contains("e");
    }

    @Row(175)
    void deletesACollectionOfModernOnes() {
        collection(events("events.k8s.io"));
    }

    private void collection(Resource events) {
        for (var name : new String[] {"e1", "e2", "e3"}) {
            events.create(name, "set");
        }
        assertThat(cluster.names(events.path() + "?labelSelector=row%3Dset")).hasSize(3);
        cluster.delete(events.path() + "?labelSelector=row%3Dset").ok();
        assertThat(cluster.names(events.path())).isEmpty();
    }
}
