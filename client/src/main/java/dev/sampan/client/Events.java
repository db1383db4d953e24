package dev.sampan.client;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what an actor did to an object as {@code core/v1} events, as {@code kubectl describe} and {@code kubectl
 * events} show them: repeated events are counted, floods are combined and then dropped, as client-go does. Recording
 * never blocks and never fails its caller; events wait in a bounded queue and are written by one virtual thread.
 */
public final class Events implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final int WAITING = 1000;
    private static final int NOT_FOUND = 404;

    private final KubernetesClient client;
    private final String component;
    private final String host;
    private final Timers timers;
    private final EventCorrelator correlator = new EventCorrelator();
    private final LinkedBlockingQueue<Optional<Event>> waiting = new LinkedBlockingQueue<>(WAITING);
    private final AtomicLong lastName = new AtomicLong();
    private final Thread writer;
    private volatile boolean closed;

    /** Events of a component that is not bound to a node, such as {@code deployment-controller}. */
    public Events(KubernetesClient client, String component, Timers timers) {
        this(client, component, "", timers);
    }

    /**
     * @param component the source shown in the "From" column
     * @param host the node's name, empty when the component is not bound to a node
     */
    public Events(KubernetesClient client, String component, String host, Timers timers) {
        this.client = client;
        this.component = component;
        this.host = host;
        this.timers = timers;
        this.writer = Thread.ofVirtual().name("events " + component).start(this::write);
    }

    /** An event of type Normal. */
    public void normal(HasMetadata about, String reason, String message) {
        record(reference(about), "Normal", reason, message);
    }

    /** An event of type Warning. */
    public void warning(HasMetadata about, String reason, String message) {
        record(reference(about), "Warning", reason, message);
    }

    /** An event about a reference, for example with a field path such as {@code spec.containers{web}}. */
    public void record(ObjectReference about, String type, String reason, String message) {
        if (closed || !waiting.offer(Optional.of(event(about, type, reason, message)))) {
            LOG.warn("event dropped, {} are waiting: {} {} {}", waiting.size(), about.getName(), reason, message);
        }
    }

    /** How an event names an object. */
    public static ObjectReference reference(HasMetadata object) {
        return new ObjectReferenceBuilder()
                .withApiVersion(object.getApiVersion())
                .withKind(object.getKind())
                .withNamespace(object.getMetadata().getNamespace())
                .withName(object.getMetadata().getName())
                .withUid(object.getMetadata().getUid())
                .withResourceVersion(object.getMetadata().getResourceVersion())
                .build();
    }

    private Event event(ObjectReference about, String type, String reason, String message) {
        var now = timers.instant();
        var time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        var namespace =
                about.getNamespace() == null || about.getNamespace().isEmpty() ? "default" : about.getNamespace();
        return new EventBuilder()
                .withNewMetadata()
                .withName(about.getName() + "." + Long.toHexString(uniqueNanos(now)))
                .withNamespace(namespace)
                .endMetadata()
                .withInvolvedObject(about)
                .withType(type)
                .withReason(reason)
                .withMessage(message)
                .withNewSource()
                .withComponent(component)
                .withHost(host.isEmpty() ? null : host)
                .endSource()
                .withReportingComponent(component)
                .withReportingInstance(host)
                .withFirstTimestamp(time)
                .withLastTimestamp(time)
                .withCount(1)
                .build();
    }

    private long uniqueNanos(Instant now) {
        long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        return lastName.accumulateAndGet(nanos, (last, next) -> Math.max(last + 1, next));
    }

    private void write() {
        try {
            for (var event = waiting.take(); event.isPresent(); event = waiting.take()) {
                write(event.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Event event) {
        try {
            switch (correlator.decide(event, timers.instant())) {
                case EventCorrelator.Decision.Create(var key, var created) -> correlator.written(key, create(created));
                case EventCorrelator.Decision.Count(var key, var counted) -> correlator.written(key, count(counted));
                case EventCorrelator.Decision.Drop() -> LOG.debug("too many events, dropped: {}", event.getMessage());
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() == NOT_FOUND || NamespaceTerminating.is(e)) {
                LOG.debug("event not recorded, its namespace is going away: {}", event.getMessage(), e);
            } else {
                LOG.warn("event not recorded: {} {}", event.getReason(), event.getMessage(), e);
            }
        } catch (RuntimeException e) {
            LOG.warn("event not recorded: {} {}", event.getReason(), event.getMessage(), e);
        }
    }

    private Event create(Event event) {
        return client.v1()
                .events()
                .inNamespace(event.getMetadata().getNamespace())
                .resource(event)
                .create();
    }

    /** Replaces the event without reading it first: actors may write events but not read them. */
    private Event count(Event event) {
        try {
            return client.v1()
                    .events()
                    .inNamespace(event.getMetadata().getNamespace())
                    .resource(event)
                    .update();
        } catch (KubernetesClientException e) {
            if (e.getCode() != NOT_FOUND) {
                throw e;
            }
            // It has expired meanwhile.
            return create(new EventBuilder(event)
                    .editMetadata()
                    .withResourceVersion(null)
                    .endMetadata()
                    .build());
        }
    }

    /** Writes what is waiting, at most for some seconds, then stops. */
    @Override
    public void close() {
        closed = true;
        try {
            if (!waiting.offer(Optional.empty(), 5, TimeUnit.SECONDS)
                    || !writer.join(java.time.Duration.ofSeconds(5))) {
                writer.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
