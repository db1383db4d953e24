package dev.sampan.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The recorder with the rights of a real actor, which may write events but not read them. */
class EventsTest {

    private final TestApi api = TestApi.start();
    private final KubernetesClient admin = api.admin();
    private final Timers timers = Timers.system();

    @AfterEach
    void close() {
        api.close();
    }

    private List<Event> recorded() {
        return admin.v1().events().inNamespace("default").list().getItems();
    }

    private Namespace subject() {
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName("subject")
                .withNamespace("default")
                .withUid("1")
                .endMetadata()
                .build();
    }

    @Test
    void theSameEventAgainIsCounted() {
        try (var client = api.client("system:kube-scheduler");
                var events = new Events(client, "scheduler", timers)) {
            for (int i = 0; i < 3; i++) {
                events.warning(subject(), "FailedScheduling", "no room");
            }
            await().untilAsserted(() -> assertThat(recorded()).singleElement().satisfies(event -> {
                assertThat(event.getCount()).isEqualTo(3);
                assertThat(event.getReason()).isEqualTo("FailedScheduling");
            }));
        }
    }

    @Test
    void aCountedEventThatExpiredIsWrittenAnew() {
        try (var client = api.client("system:kube-scheduler");
                var events = new Events(client, "scheduler", timers)) {
            events.normal(subject(), "Scheduled", "assigned");
            await().untilAsserted(() -> assertThat(recorded()).hasSize(1));
            admin.v1().events().inNamespace("default").delete();
            events.normal(subject(), "Scheduled", "assigned");
            await().untilAsserted(() -> assertThat(recorded())
                    .singleElement()
                    .extracting(Event::getCount)
                    .isEqualTo(2));
        }
    }

    @Test
    void aReconcileRefusedByATerminatingNamespaceIsNotTriedAgain() {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("going")
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .build())
                .create();
        admin.namespaces().withName("going").delete(); // stays Terminating: no controller removes its finalizer here
        var calls = new AtomicInteger();
        try (var controller = new Controller<String>("test", timers, 1, key -> {
            calls.incrementAndGet();
            admin.configMaps()
                    .inNamespace("going")
                    .resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withName(key)
                            .endMetadata()
                            .build())
                    .create();
            return new Result.Done();
        })) {
            controller.queue().add("late");
            assertThat(controller.processNext()).isTrue();
            assertThat(controller.queue().failures("late")).isZero();
            assertThat(calls).hasValue(1);
        }
    }
}
