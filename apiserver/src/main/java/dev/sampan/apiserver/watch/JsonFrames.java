package dev.sampan.apiserver.watch;

import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.schema.codec.Json;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One JSON object a line.
 *
 * @param shape transformation of each object (tables, partial metadata); null to send objects as they are
 */
record JsonFrames(@Nullable Function<WatchEvent, ObjectNode> shape, Function<ObjectNode, ObjectNode> bookmarkShape)
        implements Frames {

    private static final byte[] END = {'}', '\n'};

    @Override
    public byte[] event(WatchEvent event) {
        if (shape != null) {
            return frame(event.type(), Json.write(shape.apply(event)));
        }
        var shared = event.shared();
        return shared == null ? frame(event.type(), event.view().json()) : shared.jsonFrame(event);
    }

    @Override
    public byte[] bookmark(ServedType type, long revision, boolean initialEventsEnd) {
        return frame("BOOKMARK", Json.write(bookmarkShape.apply(bookmarkObject(type, revision, initialEventsEnd))));
    }

    @Override
    public byte[] error(Status status) {
        return frame("ERROR", status.toBytes());
    }

    static ObjectNode bookmarkObject(ServedType type, long revision, boolean initialEventsEnd) {
        var object = JsonNodeFactory.instance
                .objectNode()
                .put("kind", type.gvk().kind())
                .put("apiVersion", type.gvk().apiVersion());
        var metadata = object.putObject("metadata").put("resourceVersion", Long.toString(revision));
        metadata.putNull("creationTimestamp");
        if (initialEventsEnd) {
            metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
        }
        return object;
    }

    static byte[] frame(String type, byte[] object) {
        var head = ("{\"type\":\"" + type + "\",\"object\":").getBytes(StandardCharsets.US_ASCII);
        var result = new byte[head.length + object.length + END.length];
        System.arraycopy(head, 0, result, 0, head.length);
        System.arraycopy(object, 0, result, head.length, object.length);
        System.arraycopy(END, 0, result, head.length + object.length, END.length);
        return result;
    }
}
