package dev.sampan.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sampan.client.testing.FaultyApi;
import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedInformersTest {

    private final TestApi api = TestApi.start();
    private final KubernetesClient admin = api.admin();
    private final CopyOnWriteArrayList<FaultyApi> faults = new CopyOnWriteArrayList<>();
    private final KubernetesClient client = api.admin(real -> {
        faults.add(new FaultyApi(real));
        return faults.getFirst();
    });
    private final FaultyApi faulty = faults.getFirst();
    private final Informers informers = Informers.over(client);
    private final CopyOnWriteArrayList<String> seen = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        informers.close();
        api.close();
    }

    private Informer<ConfigMap> watching() {
        return informers
                .of(ConfigMap.class, Informers.Scope.namespace("default"))
                .onChange(new Informer.Handler<>() {
                    @Override
                    public void added(ConfigMap object) {
                        seen.add("+" + object.getMetadata().getName());
                    }

                    @Override
                    public void updated(ConfigMap old, ConfigMap object) {
                        if (!Objects.equals(old.getData(), object.getData())) {
                            seen.add("~" + object.getMetadata().getName());
                        }
                    }

                    @Override
                    public void deleted(ConfigMap object) {
                        seen.add("-" + object.getMetadata().getName());
                    }
                });
    }

    private void create(String name) {
        admin.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName(name)
                        .endMetadata()
                        .addToData("key", "1")
                        .build())
                .create();
    }

    private void change(String name) {
        admin.configMaps()
                .inNamespace("default")
                .withName(name)
                .edit(c -> new ConfigMapBuilder(c).addToData("key", "2").build());
    }

    private void delete(String name) {
        admin.configMaps().inNamespace("default").withName(name).delete();
    }

    private void awaitSeen(String... expected) {
        await().untilAsserted(() -> assertThat(seen).containsExactlyInAnyOrder(expected));
    }

    @Test
    void showsWhatIsThereAndWhatChanges() {
        create("a");
        var informer = watching().index("by-value", c -> List.of(c.getData().get("key")));
        informers.start();
        assertThat(informer.get("default", "a")).isNotNull();
        create("b");
        change("a");
        awaitSeen("+a", "+b", "~a");
        assertThat(informer.indexed("by-value", "2"))
                .extracting(c -> c.getMetadata().getName())
                .containsExactly("a");
        delete("a");
        awaitSeen("+a", "+b", "~a", "-a");
        assertThat(informer.list("default"))
                .extracting(c -> c.getMetadata().getName())
                .containsExactly("b");
        assertThat(informers.of(ConfigMap.class, Informers.Scope.namespace("default")))
                .isSameAs(informer);
    }

    @Test
    void aLostWatchIsTakenUpWhereItEnded() {
        create("a");
        create("b");
        watching();
        informers.start();
        await().until(() -> faulty.watches() == 1);
        faulty.answer(r -> FaultyApi.isWatch(r) ? FaultyApi.failure(500, "InternalError") : null);
        faulty.dropWatches();
        change("a");
        delete("b");
        create("c");
        int before = faulty.watches();
        faulty.heal();
        awaitSeen("+a", "+b", "~a", "-b", "+c");
        assertThat(faulty.watches()).isGreaterThan(before);
    }

    @Test
    void anExpiredVersionMeansANewList() {
        create("a");
        create("b");
        watching();
        informers.start();
        await().until(() -> faulty.watches() == 1);
        faulty.answer(r -> FaultyApi.isWatch(r) ? FaultyApi.failure(410, "Expired") : null);
        faulty.dropWatches();
        change("a");
        delete("b");
        create("c");
        awaitSeen("+a", "+b", "~a", "-b", "+c");
        faulty.heal();
        create("d");
        awaitSeen("+a", "+b", "~a", "-b", "+c", "+d");
    }

    @Test
    void anExpiredVersionMayBeToldInTheStream() {
        create("a");
        watching();
        informers.start();
        await().until(() -> faulty.watches() == 1);
        faulty.answer(r -> FaultyApi.isWatch(r) ? FaultyApi.expiredWatch() : null);
        faulty.dropWatches();
        delete("a");
        create("b");
        awaitSeen("+a", "-a", "+b");
        faulty.heal();
        create("c");
        awaitSeen("+a", "-a", "+b", "+c");
    }

    @Test
    void manyDropsLoseNothing() {
        var informer = watching();
        informers.start();
        IntStream.range(0, 100).forEach(i -> {
            create("n" + i);
            if (i % 3 == 0) {
                faulty.dropWatches();
            }
            if (i % 2 == 0) {
                delete("n" + i);
            }
        });
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(informer.list("default")).hasSize(50));
        // What came and went while no watch was open may be missing from the events, never from the result.
        await().untilAsserted(() -> assertThat(remaining())
                .containsExactlyInAnyOrderElementsOf(informer.list("default").stream()
                        .map(c -> c.getMetadata().getName())
                        .toList()));
    }

    /** What is left when the events are played back. */
    private List<String> remaining() {
        var left = new ArrayList<String>();
        for (var event : seen) {
            var name = event.substring(1);
            if (event.startsWith("+")) {
                assertThat(left).doesNotContain(name);
                left.add(name);
            } else {
                assertThat(left).contains(name);
                left.remove(name);
            }
        }
        return left;
    }

    @Test
    void aStartWaitsForAnApiThatIsNotUpYet() {
        create("a");
        var informer = watching();
        faulty.answer(r -> FaultyApi.failure(503, "ServiceUnavailable"));
        assertThatThrownBy(() -> informers.start(Duration.ofMillis(300)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ConfigMap");
        faulty.heal();
        await().atMost(Duration.ofSeconds(30)).until(informer::synced);
        awaitSeen("+a");
        create("b");
        awaitSeen("+a", "+b");
    }
}
