package dev.sampan.apiserver.table;

import dev.sampan.apiserver.registry.ObjectView;
import dev.sampan.apiserver.registry.Reads;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.wire.Accepted;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Turns objects into what the client wants them as: tables or partial metadata. Thread-safe. */
public final class Shapes {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final InstantSource clock;

    public Shapes(InstantSource clock) {
        this.clock = clock;
    }

    /** One object in the wanted shape. */
    public ObjectNode one(ObjectView view, Accepted accepted, String includeObject) {
        return switch (accepted.shape()) {
            case OBJECT -> view.tree();
            case PARTIAL_METADATA, PARTIAL_METADATA_LIST -> partial(view.metadata(), accepted.metaVersion());
            case TABLE -> {
                var table = table(view.type(), List.of(view), accepted, includeObject, true);
                var metadata = (ObjectNode) table.get("metadata");
                metadata.put(
                        "resourceVersion",
                        view.tree().path("metadata").path("resourceVersion").asString(""));
                yield table;
            }
        };
    }

    /** A list in the wanted shape; {@code accepted} is not OBJECT. */
    public ObjectNode list(ServedType type, Reads.Page page, Accepted accepted, String includeObject) {
        ObjectNode list;
        if (accepted.shape() == Accepted.Shape.TABLE) {
            list = table(type, page.items(), accepted, includeObject, true);
        } else {
            list = NODES.objectNode()
                    .put("kind", "PartialObjectMetadataList")
                    .put("apiVersion", "meta.k8s.io/" + accepted.metaVersion());
            list.putObject("metadata");
            var items = list.putArray("items");
            page.items().forEach(v -> items.add(partial(v.metadata(), accepted.metaVersion())));
        }
        page.describe((ObjectNode) list.get("metadata"));
        return list;
    }

    /**
     * The transformation of a watch's objects, with memory: only the first table has column definitions. Null when objects
     * are sent as they are.
     */
    public @Nullable Function<ObjectNode, ObjectNode> forWatch(
            ServedType type, Accepted accepted, String includeObject) {
        return switch (accepted.shape()) {
            case OBJECT -> null;
            case PARTIAL_METADATA, PARTIAL_METADATA_LIST -> o -> partial(o.path("metadata"), accepted.metaVersion());
            case TABLE -> {
                var first = new boolean[] {true};
                yield o -> {
                    boolean columns = first[0];
                    first[0] = false;
                    var table = table(type, List.of(ObjectView.of(type, o)), accepted, includeObject, columns);
                    ((ObjectNode) table.get("metadata"))
                            .put(
                                    "resourceVersion",
                                    o.path("metadata").path("resourceVersion").asString(""));
                    return table;
                };
            }
        };
    }

    private ObjectNode table(
            ServedType type, List<ObjectView> views, Accepted accepted, String includeObject, boolean withColumns) {
        var kind = KindTables.of(type);
        var metaVersion = "meta.k8s.io/" + accepted.metaVersion();
        var table = NODES.objectNode().put("kind", "Table").put("apiVersion", metaVersion);
        table.putObject("metadata");
        if (withColumns) {
            var definitions = table.putArray("columnDefinitions");
            for (var column : kind.columns()) {
                definitions
                        .addObject()
                        .put("name", column.name())
                        .put("type", column.type())
                        .put("format", column.format())
                        .put("description", column.description())
                        .put("priority", column.priority());
            }
        } else {
            table.putNull("columnDefinitions");
        }
        var rows = table.putArray("rows");
        var now = clock.instant();
        for (var view : views) {
            var row = rows.addObject();
            var cells = row.putArray("cells");
            kind.cells(view.tree(), now).forEach(c -> add(cells, c));
            switch (includeObject) {
                case "None" -> {}
                case "Object" -> row.set("object", view.tree());
                default -> row.set("object", partial(view.metadata(), accepted.metaVersion()));
            }
        }
        return table;
    }

    private static ObjectNode partial(JsonNode metadata, String metaVersion) {
        var partial =
                NODES.objectNode().put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/" + metaVersion);
        partial.set("metadata", metadata);
        return partial;
    }

    private static void add(ArrayNode cells, Object cell) {
        switch (cell) {
            case Number number -> cells.add(number.longValue());
            case Boolean flag -> cells.add(flag.booleanValue());
            case JsonNode node -> cells.add(node);
            default -> cells.add(cell.toString());
        }
    }
}
