package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.TestWatch;
import java.util.ArrayList;
import java.util.List;

/** Watches of ConfigMaps. */
record WatchRows(Cluster cluster) {

    private static final String SELECTOR = "labelSelector=watch-this-configmap%3D";

    private String configMaps() {
        return "/api/v1/namespaces/" + cluster.namespace() + "/configmaps";
    }

    private String create(String path, String name, String label) {
        var manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, labels: {watch-this-configmap: %s}}";
        return cluster.post(path, manifest.formatted(name, label)).ok().at("metadata.resourceVersion");
    }

    private String mutate(String path, String name, int value) {
        return cluster.patch(path + "/" + name, "data: {mutation: '" + value + "'}")
                .ok()
                .at("metadata.resourceVersion");
    }

    @Row(90)
    void observesAddUpdateAndDelete() {
        var path = configMaps();
        try (var a = cluster.watch(path + "?" + SELECTOR + "A");
                var b = cluster.watch(path + "?" + SELECTOR + "B");
                var ab = cluster.watch(path + "?labelSelector=watch-this-configmap+in+(A,B)")) {
            create(path, "a", "A");
            mutate(path, "a", 1);
            mutate(path, "a", 2);
            cluster.delete(path + "/a").ok();
            create(path, "b", "B");
            cluster.delete(path + "/b").ok();
            var ofA = List.of("ADDED a", "MODIFIED a", "MODIFIED a", "DELETED a");
            var ofB = List.of("ADDED b", "DELETED b");
            assertThat(a.first(4)).isEqualTo(ofA);
            assertThat(b.first(2)).isEqualTo(ofB);
            var both = new ArrayList<>(ofA);
            both.addAll(ofB);
            assertThat(ab.first(6)).isEqualTo(both);
            assertThat(a.event(2).path("object").path("data").path("mutation").asString(""))
                    .isEqualTo("2");
            assertThat(a.count()).isEqualTo(4);
        }
    }

    @Row(89)
    void startsAtAVersion() {
        var path = configMaps();
        create(path, "a", "from-version");
        var first = mutate(path, "a", 1);
        mutate(path, "a", 2);
        cluster.delete(path + "/a").ok();
        try (var watch = cluster.watch(path + "?" + SELECTOR + "from-version&resourceVersion=" + first)) {
            assertThat(watch.first(2)).containsExactly("MODIFIED a", "DELETED a");
        }
    }

    @Row(88)
    void restartsAtTheLastVersionSeen() {
        var path = configMaps();
        String seen;
        try (var watch = cluster.watch(path + "?" + SELECTOR + "restarted")) {
            create(path, "a", "restarted");
            mutate(path, "a", 1);
            assertThat(watch.first(2)).containsExactly("ADDED a", "MODIFIED a");
            seen = version(watch, 1);
        }
        mutate(path, "a", 2);
        cluster.delete(path + "/a").ok();
        try (var watch = cluster.watch(path + "?" + SELECTOR + "restarted&resourceVersion=" + seen)) {
            assertThat(watch.first(2)).containsExactly("MODIFIED a", "DELETED a");
        }
    }

    private static String version(TestWatch watch, int event) {
        return watch.event(event)
                .path("object")
                .path("metadata")
                .path("resourceVersion")
                .asString("");
    }

    @Row(91)
    void observesADeletionWhenTheSelectorNoLongerFits() {
        var path = configMaps();
        try (var watch = cluster.watch(path + "?" + SELECTOR + "changed")) {
            create(path, "a", "changed");
            mutate(path, "a", 1);
            cluster.patch(path + "/a", "metadata: {labels: {watch-this-configmap: other}}")
                    .ok();
            assertThat(watch.first(3)).containsExactly("ADDED a", "MODIFIED a", "DELETED a");
            assertThat(watch.event(2)
                            .path("object")
                            .path("metadata")
                            .path("labels")
                            .toString())
                    .contains("changed");
            mutate(path, "a", 2);
            cluster.patch(path + "/a", "metadata: {labels: {watch-this-configmap: changed}}")
                    .ok();
            mutate(path, "a", 3);
            cluster.delete(path + "/a").ok();
            assertThat(watch.first(6)).endsWith("ADDED a", "MODIFIED a", "DELETED a");
            assertThat(watch.event(3)
                            .path("object")
                            .path("data")
                            .path("mutation")
                            .asString(""))
                    .isEqualTo("2");
        }
    }

    @Row(92)
    void tellsConcurrentWatchesTheSameOrder() {
        var path = configMaps();
        var version = cluster.get(path).at("metadata.resourceVersion");
        var watches = new ArrayList<TestWatch>();
        var writer = Thread.ofVirtual().start(() -> {
            for (int i = 0; i < 30; i++) {
                create(path, "c" + i, "order");
                mutate(path, "c" + i, i);
                if (i % 3 == 0) {
                    cluster.delete(path + "/c" + i).ok();
                }
            }
        });
        try {
            watches.add(cluster.watch(path + "?resourceVersion=" + version));
            var all = watches.getFirst();
            for (int i = 0; i < 20; i++) {
                watches.add(cluster.watch(path + "?resourceVersion=" + version(all, i)));
            }
            var whole = versions(all, 0, 70);
            for (int i = 0; i < 20; i++) {
                assertThat(versions(watches.get(i + 1), 0, 70 - i - 1)).isEqualTo(whole.subList(i + 1, 70));
            }
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            watches.forEach(TestWatch::close);
        }
    }

    private static List<String> versions(TestWatch watch, int from, int to) {
        var result = new ArrayList<String>();
        for (int i = from; i < to; i++) {
            result.add(version(watch, i));
        }
        return result;
    }
}
