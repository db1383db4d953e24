package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Warnings about Services' addresses as Events; the same one again is counted. What cannot be written is logged. */
final class ServiceEvents {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceEvents.class);
    private static final GroupResource EVENTS = new GroupResource("", "events");
    private static final String COMPONENT = "ipallocator-repair-controller";

    private final Objects objects;
    private final Supplier<Instant> now;

    ServiceEvents(Objects objects, Supplier<Instant> now) {
        this.objects = objects;
        this.now = now;
    }

    void warn(ObjectNode about, String reason, String message) {
        LOG.warn("{}: {}", ServiceName.of(about), message);
        var namespace = Meta.namespace(about).isEmpty() ? "default" : Meta.namespace(about);
        var name = "%s.%08x".formatted(Meta.name(about), (Meta.uid(about) + reason + message).hashCode());
        var time = now.get().truncatedTo(ChronoUnit.SECONDS).toString();
        UnaryOperator<ObjectNode> again = event -> event.put("lastTimestamp", time)
                .put("count", event.path("count").longValue(0) + 1);
        try {
            if (objects.get(EVENTS, namespace, name) != null) {
                objects.modify(EVENTS, namespace, name, again);
            } else {
                objects.create(
                        EVENTS,
                        again.apply(
                                event(about, namespace, name, reason, message).put("firstTimestamp", time)));
            }
        } catch (ApiException e) {
            LOG.debug("The event could not be written: {}", e.getMessage());
        }
    }

    private static ObjectNode event(ObjectNode about, String namespace, String name, String reason, String message) {
        var event = JsonNodeFactory.instance.objectNode();
        event.putObject("metadata").put("name", name).put("namespace", namespace);
        var object = event.putObject("involvedObject")
                .put("kind", Meta.text(about, "kind"))
                .put("apiVersion", Meta.text(about, "apiVersion"))
                .put("name", Meta.name(about))
                .put("uid", Meta.uid(about));
        if (!Meta.namespace(about).isEmpty()) {
            object.put("namespace", Meta.namespace(about));
        }
        event.put("type", "Warning").put("reason", reason).put("message", message);
        event.putObject("source").put("component", COMPONENT);
        return event.put("reportingComponent", COMPONENT);
    }
}
