package dev.sampan.serving.v2;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.sampan.serving.json.JsonWriter;
import java.nio.ByteBuffer;
import java.util.List;

/** Messages as the JSON that Triton's HTTP API answers: fields by their names, numbers as numbers. */
final class MessageJson {
    private MessageJson() {}

    static ByteBuffer write(Message message) {
        var out = new JsonWriter();
        write(message, out);
        return out.content();
    }

    /** A list of messages in place of the message that holds it. */
    static ByteBuffer write(List<? extends Message> messages) {
        var out = new JsonWriter().put('[');
        for (int i = 0; i < messages.size(); i++) {
            out.raw(i == 0 ? "" : ",");
            write(messages.get(i), out);
        }
        return out.put(']').content();
    }

    private static void write(Message message, JsonWriter out) {
        out.put('{');
        boolean first = true;
        for (var field : message.getDescriptorForType().getFields()) {
            if (field.hasPresence() && !message.hasField(field)) {
                continue;
            }
            out.raw(first ? "" : ",").string(field.getName()).put(':');
            first = false;
            if (field.isRepeated()) {
                out.put('[');
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                    out.raw(i == 0 ? "" : ",");
                    value(field, message.getRepeatedField(field, i), out);
                }
                out.put(']');
            } else {
                value(field, message.getField(field), out);
            }
        }
        out.put('}');
    }

    private static void value(FieldDescriptor field, Object value, JsonWriter out) {
        switch (field.getJavaType()) {
            case MESSAGE -> write((Message) value, out);
            case ENUM -> out.string(((EnumValueDescriptor) value).getName());
            case STRING -> out.string((String) value);
            case INT, LONG -> out.whole(((Number) value).longValue());
            case BOOLEAN -> out.raw(value.toString());
            case FLOAT, DOUBLE, BYTE_STRING ->
                throw new IllegalStateException("no document has a field like " + field.getFullName());
        }
    }
}
