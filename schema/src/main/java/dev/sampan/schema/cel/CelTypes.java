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
import dev.sampan.schema.Schema;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes what the CEL type checker knows of a schema. Used once, by one thread. */
final class CelTypes {

    /** Rules see nothing else of metadata. */
    private static final Set<String> METADATA = Set.of("name", "generateName");

    private final Map<String, StructType> structs = new HashMap<>();

    /** The structs that were made, by name. */
    private record Structs(ImmutableMap<String, StructType> byName) implements CelTypeProvider {

        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.copyOf(byName.values());
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(byName.get(name));
        }
    }

    CelTypeProvider provider() {
        return new Structs(ImmutableMap.copyOf(structs));
    }

    CelType of(Schema schema) {
        return of(schema, "object");
    }

    private CelType of(Schema schema, String path) {
        if (schema.intOrString() || schema.nullable()) {
            return SimpleType.DYN;
        }
        return switch (schema.type()) {
            case OBJECT -> object(schema, path);
            case ARRAY ->
                ListType.create(schema.items() == null ? SimpleType.DYN : of(schema.items(), path + ".items"));
            case STRING -> string(schema);
            case INTEGER -> SimpleType.INT;
            case NUMBER -> SimpleType.DOUBLE;
            case BOOLEAN -> SimpleType.BOOL;
            case ANY -> SimpleType.DYN;
        };
    }

    private static CelType string(Schema schema) {
        return switch (schema.format()) {
            case "byte" -> SimpleType.BYTES;
            case "duration" -> SimpleType.DURATION;
            case "date", "date-time" -> SimpleType.TIMESTAMP;
            default -> SimpleType.STRING;
        };
    }

    private CelType object(Schema schema, String path) {
        var values = schema.additionalProperties();
        if (values != null) {
            return MapType.create(SimpleType.STRING, of(values, path + ".values"));
        }
        if (schema.properties().isEmpty() && schema.preserveUnknownFields()) {
            return SimpleType.DYN;
        }
        var fields = new HashMap<String, CelType>();
        schema.properties().forEach((name, property) -> {
            var metadata = property.builtin() ? metadata(path + ".metadata") : null;
            CelNames.escape(name)
                    .ifPresent(escaped ->
                            fields.put(escaped, metadata != null ? metadata : of(property, path + "." + escaped)));
        });
        return struct(path, fields);
    }

    private CelType metadata(String path) {
        var fields = new HashMap<String, CelType>();
        METADATA.forEach(name -> fields.put(name, SimpleType.STRING));
        return struct(path, fields);
    }

    private StructType struct(String name, Map<String, CelType> fields) {
        var known = ImmutableMap.copyOf(fields);
        var type = StructType.create(name, known.keySet(), field -> Optional.ofNullable(known.get(field)));
        structs.put(name, type);
        return type;
    }
}
