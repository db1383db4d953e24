package dev.sampan.apiserver;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Decoding of a URL's path and query. */
public final class QueryString {

    private QueryString() {}

    /**
     * Parameters of a raw query in order of first appearance.
     *
     * @throws ApiException 400 when a percent escape is malformed
     */
    public static Map<String, List<String>> parse(String rawQuery) {
        if (rawQuery.isEmpty()) {
            return Map.of();
        }
        var result = new LinkedHashMap<String, List<String>>();
        for (var pair : rawQuery.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            var name = decode(equals < 0 ? pair : pair.substring(0, equals));
            var value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            result.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
        }
        return result;
    }

    /** Percent-decodes a path; a plus sign stays a plus sign. */
    public static String decodePath(String rawPath) {
        return rawPath.indexOf('%') < 0 ? rawPath : decode(rawPath.replace("+", "%2B"));
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("invalid URL escape in \"" + text + "\"");
        }
    }
}
