package dev.sampan.apiserver.wire;

import dev.sampan.apiserver.ApiException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants a resource to be answered as.
 *
 * @param format media type without parameters: JSON, YAML or protobuf
 * @param metaVersion version of meta.k8s.io for tables and partial metadata, such as {@code v1}
 */
public record Accepted(String format, Shape shape, String metaVersion) {

    /** Transformation of the object. */
    public enum Shape {
        /** As it is. */
        OBJECT,
        /** Rows with columns, as {@code kubectl get} prints. */
        TABLE,
        /** Only apiVersion, kind and metadata. */
        PARTIAL_METADATA,
        /** A list of the same. */
        PARTIAL_METADATA_LIST
    }

    public static final Accepted JSON = new Accepted(MediaType.JSON, Shape.OBJECT, "");

    private static final Set<String> META_VERSIONS = Set.of("v1", "v1beta1");

    /**
     * The best of what the client accepts.
     *
     * @param accept values of the Accept header, null when there is none
     * @param formats media types that can be answered, the preferred one first
     * @throws ApiException 406 when nothing fits
     */
    public static Accepted negotiate(@Nullable List<String> accept, List<String> formats) {
        return negotiate(accept, formats, EnumSet.allOf(Shape.class));
    }

    /** The best of what the client accepts of something that is no object with metadata: no tables. */
    public static Accepted negotiatePlain(@Nullable List<String> accept, List<String> formats) {
        return negotiate(accept, formats, EnumSet.of(Shape.OBJECT));
    }

    private static Accepted negotiate(@Nullable List<String> accept, List<String> formats, Set<Shape> shapes) {
        var clauses = MediaType.ofAccept(accept);
        if (clauses.isEmpty()) {
            return new Accepted(formats.getFirst(), Shape.OBJECT, "");
        }
        for (var clause : clauses) {
            var format = match(clause.essence(), formats);
            var shape = shape(clause);
            if (format != null
                    && shape != null
                    && shapes.contains(shape)
                    && !(shape == Shape.TABLE && format.equals(MediaType.PROTOBUF))) {
                return new Accepted(format, shape, shape == Shape.OBJECT ? "" : clause.parameter("v"));
            }
        }
        throw ApiException.notAcceptable(formats);
    }

    public boolean json() {
        return format.equals(MediaType.JSON);
    }

    private static @Nullable String match(String range, List<String> formats) {
        if (range.equals("*/*") || range.equals("application/*")) {
            return formats.getFirst();
        }
        return formats.contains(range) ? range : null;
    }

    /** The wanted transformation; null when it is one that is not known. */
    private static @Nullable Shape shape(MediaType clause) {
        var as = clause.parameter("as");
        if (as.isEmpty()) {
            return Shape.OBJECT;
        }
        if (!clause.parameter("g").equals("meta.k8s.io") || !META_VERSIONS.contains(clause.parameter("v"))) {
            return null;
        }
        return switch (as) {
            case "Table" -> Shape.TABLE;
            case "PartialObjectMetadata" -> Shape.PARTIAL_METADATA;
            case "PartialObjectMetadataList" -> Shape.PARTIAL_METADATA_LIST;
            default -> null;
        };
    }
}
