package dev.sampan.schema.codec;

import dev.sampan.schema.Schema;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Fields of a protobuf message by number, derived from a built-in definition. Immutable once built. */
final class ProtoMessage {

    /** A field is a property, or a message whose properties JSON has one level up. */
    sealed interface Field {}

    record Property(String name, Schema schema) implements Field {}

    record Inlined(ProtoMessage message) implements Field {}

    private final Map<Integer, Field> fields = new TreeMap<>();

    private ProtoMessage() {}

    static ProtoMessage of(Schema definition) {
        var message = new ProtoMessage();
        definition.properties().forEach((name, schema) -> {
            var into = message;
            var path = schema.protoPath();
            for (int i = 0; i < path.size(); i++) {
                if (i == path.size() - 1) {
                    into.fields.put(path.get(i), new Property(name, schema));
                } else {
                    into = into.inlined(path.get(i));
                }
            }
        });
        return message;
    }

    private ProtoMessage inlined(int number) {
        if (fields.get(number) instanceof Inlined known) {
            return known.message;
        }
        var inlined = new Inlined(new ProtoMessage());
        fields.put(number, inlined);
        return inlined.message;
    }

    @Nullable
    Field field(int number) {
        return fields.get(number);
    }

    /** In the order of numbers, as protobuf writes them. */
    Map<Integer, Field> fields() {
        return fields;
    }
}
