package dev.sampan.apiserver.wire;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One media type or media range of a header.
 *
 * @param essence type and subtype in lower case, such as {@code application/json}
 * @param parameters parameters other than {@code q}, names in lower case
 * @param quality the {@code q} parameter, 1 when absent
 */
public record MediaType(String essence, Map<String, String> parameters, double quality) {

    public static final String JSON = "application/json";
    public static final String YAML = "application/yaml";
    public static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    public static final String JSON_PATCH = "application/json-patch+json";
    public static final String MERGE_PATCH = "application/merge-patch+json";
    public static final String STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json";
    public static final String APPLY_YAML = "application/apply-patch+yaml";

    /** Formats that objects can be read and written in, in the order Kubernetes lists them. */
    public static final List<String> OBJECT_FORMATS = List.of(JSON, YAML, PROTOBUF);

    /** The type in a Content-Type header; null for an absent or empty one. */
    public static @Nullable MediaType ofContentType(@Nullable String header) {
        return header == null || header.isBlank() ? null : parse(header);
    }

    /** Best first: by quality, then what is named before what is meant by a range; else the order stays. */
    private static final Comparator<MediaType> BEST_FIRST = Comparator.comparingDouble((MediaType m) -> -m.quality)
            .thenComparing(m -> m.essence.startsWith("*/"))
            .thenComparing(m -> m.essence.endsWith("/*"));

    /** The clauses of Accept headers, best first. */
    public static List<MediaType> ofAccept(@Nullable List<String> headers) {
        if (headers == null) {
            return List.of();
        }
        var clauses = new ArrayList<MediaType>();
        for (var header : headers) {
            for (var clause : header.split(",")) {
                if (!clause.isBlank()) {
                    clauses.add(parse(clause));
                }
            }
        }
        clauses.sort(BEST_FIRST);
        return clauses;
    }

    public String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    private static MediaType parse(String text) {
        var parts = text.split(";", -1);
        var parameters = new LinkedHashMap<String, String>();
        double quality = 1;
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals < 0) {
                continue;
            }
            var name = parts[i].substring(0, equals).strip().toLowerCase(Locale.ROOT);
            var value = unquote(parts[i].substring(equals + 1).strip());
            if (name.equals("q")) {
                quality = quality(value);
            } else {
                parameters.put(name, value);
            }
        }
        return new MediaType(parts[0].strip().toLowerCase(Locale.ROOT), parameters, quality);
    }

    private static double quality(String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static String unquote(String value) {
        return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1)
                : value;
    }
}
