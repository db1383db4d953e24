package dev.sampan.schema.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.sampan.schema.Form;
import dev.sampan.schema.Schema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes what CEL's type checker knows of whole kinds, built-in or custom. Used by one thread. */
final class KindTypes {

    private final Map<String, StructType> structs = new HashMap<>();
    private final Set<String> begun = new HashSet<>();

    /** @param name of the type, unless the schema has one of its own */
    CelType of(Schema schema, String name) {
        if (schema.intOrString() || schema.nullable()) {
            return SimpleType.DYN;
        }
        if (schema.form() == Form.TIME || schema.form() == Form.MICRO_TIME) {
            return SimpleType.TIMESTAMP;
        }
        if (schema.form() != Form.PLAIN) {
            return schema.form() == Form.DURATION ? SimpleType.STRING : SimpleType.DYN;
        }
        return switch (schema.type()) {
            case OBJECT -> object(schema, name);
            case ARRAY ->
                ListType.create(schema.items() == null ? SimpleType.DYN : of(schema.items(), name + ".@items"));
            case STRING ->
                switch (schema.format()) {
                    case "byte" -> SimpleType.BYTES;
                    case "duration" -> SimpleType.DURATION;
                    case "date", "date-time" -> SimpleType.TIMESTAMP;
                    default -> SimpleType.STRING;
                };
            case INTEGER -> SimpleType.INT;
            case NUMBER -> SimpleType.DOUBLE;
            case BOOLEAN -> SimpleType.BOOL;
            case ANY -> SimpleType.DYN;
        };
    }

    private CelType object(Schema schema, String name) {
        var values = schema.additionalProperties();
        if (values != null) {
            return MapType.create(SimpleType.STRING, of(values, name + ".@values"));
        }
        if (schema.properties().isEmpty()) {
            return SimpleType.DYN;
        }
        var own = schema.definition();
        var id = own == null ? name : own;
        if (begun.add(id)) {
            structs.put(id, struct(schema, id));
        }
        return StructTypeReference.create(id); // kinds may contain themselves
    }

    private StructType struct(Schema schema, String id) {
        var fields = ImmutableMap.<String, CelType>builder();
        schema.properties()
                .forEach((name, property) -> CelNames.escape(name).ifPresent(escaped -> {
                    var type = of(property, id + "." + escaped);
                    fields.put(escaped, type);
                    if (escaped.equals("__" + name + "__")) {
                        fields.put(name, type); // a keyword may be said as a field, too
                    }
                }));
        return struct(id, fields.build());
    }

    static StructType struct(String id, ImmutableMap<String, CelType> fields) {
        return StructType.create(id, fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    }

    /** The structs that were met, and one more. */
    CelTypeProvider with(StructType further) {
        return new Known(ImmutableMap.<String, StructType>builder()
                .putAll(structs)
                .put(further.name(), further)
                .build());
    }

    private record Known(ImmutableMap<String, StructType> byName) implements CelTypeProvider {

        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.copyOf(byName.values());
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(byName.get(name));
        }
    }
}
