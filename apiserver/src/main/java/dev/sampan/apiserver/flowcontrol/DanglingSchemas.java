package dev.sampan.apiserver.flowcontrol;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes into FlowSchemas whether their priority level exists: the condition {@code Dangling}. */
final class DanglingSchemas implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DanglingSchemas.class);
    private static final String TEXT = "This FlowSchema references the PriorityLevelConfiguration object named \"%s\" ";

    private final Objects objects;
    private final InstantSource clock;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("flow-schemas").factory());
    private final AtomicBoolean waiting = new AtomicBoolean();

    DanglingSchemas(Objects objects, InstantSource clock) {
        this.objects = objects;
        this.clock = clock;
    }

    void schedule() {
        if (!worker.isShutdown() && waiting.compareAndSet(false, true)) {
            worker.execute(this::run);
        }
    }

    private void run() {
        waiting.set(false);
        try {
            for (var schema : objects.list(FlowControl.SCHEMAS, "")) {
                var wanted = status(schema);
                if (!wanted.equals(Meta.text(dangling(schema), "status"))) {
                    objects.modify(FlowControl.SCHEMAS, "", Meta.name(schema), latest -> settle(latest, wanted));
                }
            }
        } catch (ApiException e) {
            LOG.debug("The conditions of FlowSchemas could not be written: {}", e.getMessage());
        }
    }

    private String status(JsonNode schema) {
        var level = Meta.text(schema, "spec", "priorityLevelConfiguration", "name");
        return objects.get(FlowControl.LEVELS, "", level) == null ? "True" : "False";
    }

    private static JsonNode dangling(JsonNode schema) {
        for (var condition : schema.path("status").path("conditions")) {
            if (Meta.text(condition, "type").equals("Dangling")) {
                return condition;
            }
        }
        return tools.jackson.databind.node.MissingNode.getInstance();
    }

    private ObjectNode settle(ObjectNode schema, String status) {
        boolean missing = status.equals("True");
        var condition = dangling(schema) instanceof ObjectNode present
                ? present
                : schema.withObject("/status").withArray("conditions").addObject();
        condition.put("type", "Dangling").put("status", status);
        condition.put(
                "lastTransitionTime",
                clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        condition.put("reason", missing ? "NotFound" : "Found");
        condition.put(
                "message",
                TEXT.formatted(Meta.text(schema, "spec", "priorityLevelConfiguration", "name"))
                        + (missing ? "but there is no such object" : "and it exists"));
        return schema;
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
