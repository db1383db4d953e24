package dev.sampan.controllers.simulation;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/** Replaces the server's random UIDs by numbered ones and back, so that a seed always leads to the same run. */
final class StableIds {

    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final Map<String, String> stable = new HashMap<>();
    private final Map<String, String> original = new HashMap<>();

    byte[] fromServer(byte[] body) {
        return replace(
                body,
                uid -> stable.computeIfAbsent(uid, u -> {
                    // Scrambled, so that the order of UIDs is not the order of creation.
                    var id = new UUID(stable.size() * 0x9E3779B97F4A7C15L, stable.size()).toString();
                    original.put(id, u);
                    return id;
                }));
    }

    byte[] toServer(byte[] body) {
        return replace(body, uid -> original.getOrDefault(uid, uid));
    }

    private static byte[] replace(byte[] body, java.util.function.UnaryOperator<String> mapping) {
        var text = new String(body, StandardCharsets.UTF_8);
        return UID.matcher(text)
                .replaceAll(match -> mapping.apply(match.group()))
                .getBytes(StandardCharsets.UTF_8);
    }
}
