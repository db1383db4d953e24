package dev.sampan.apiserver.proxy;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Builds a percent-encoded query, or a path. */
final class Query {

    private final StringBuilder text = new StringBuilder();

    Query add(String name, String value) {
        text.append(text.isEmpty() ? '?' : '&').append(encode(name)).append('=').append(encode(value));
        return this;
    }

    Query addAll(Map<String, List<String>> parameters) {
        parameters.forEach((name, values) -> values.forEach(v -> add(name, v)));
        return this;
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Encodes what a decoded path has to have encoded, and keeps its slashes. */
    static String encodePath(String path) {
        return encode(path)
                .replace("%2F", "/")
                .replace("%3A", ":")
                .replace("%40", "@")
                .replace("%7E", "~");
    }

    /** Empty, or beginning with a question mark. */
    @Override
    public String toString() {
        return text.toString();
    }
}
