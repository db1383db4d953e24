package dev.sampan.apiserver.watch;

import dev.sampan.apiserver.Status;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.schema.codec.Protobuf;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kubernetes' binary watch format: four bytes of length, then a {@code meta.v1.WatchEvent} message whose object is an
 * enveloped object.
 *
 * @param messages whether the transport keeps messages apart, so that their length is left out
 */
record ProtobufFrames(Protobuf protobuf, Function<ObjectNode, ObjectNode> shape, boolean messages) implements Frames {

    private static final int TYPE = 1 << 3 | 2;
    private static final int OBJECT = 2 << 3 | 2;
    private static final int RAW = 1 << 3 | 2;

    @Override
    public byte[] event(WatchEvent event) {
        return frame(event.type(), protobuf.write(shape.apply(event.view().tree())));
    }

    @Override
    public byte[] bookmark(ServedType type, long revision, boolean initialEventsEnd) {
        var object = shape.apply(JsonFrames.bookmarkObject(type, revision, initialEventsEnd));
        return frame("BOOKMARK", protobuf.write(object));
    }

    @Override
    public byte[] error(Status status) {
        return frame("ERROR", protobuf.write(status.toJson()));
    }

    private byte[] frame(String type, byte[] object) {
        var extension = new ByteArrayOutputStream(object.length + 8);
        field(extension, RAW, object);
        var message = new ByteArrayOutputStream(object.length + 32);
        field(message, TYPE, type.getBytes(StandardCharsets.US_ASCII));
        field(message, OBJECT, extension.toByteArray());
        if (messages) {
            return message.toByteArray();
        }
        return ByteBuffer.allocate(4 + message.size())
                .putInt(message.size())
                .put(message.toByteArray())
                .array();
    }

    private static void field(ByteArrayOutputStream out, int tag, byte[] bytes) {
        out.write(tag);
        int length = bytes.length;
        while (length > 0x7F) {
            out.write(length & 0x7F | 0x80);
            length >>>= 7;
        }
        out.write(length);
        out.writeBytes(bytes);
    }
}
