package dev.sampan.apiserver.linearizability;

import dev.sampan.schema.codec.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/** Follows the ConfigMaps with a watch, resumed at the last version whenever it ends, until {@link #END} is made. */
final class ChangeLog {

    /** Name of the object that ends the log. */
    static final String END = RandomClient.PREFIX + "end";

    private final KilledServer server;
    private final HttpClient http;
    private final int seconds;
    private final List<Change> changes = new ArrayList<>();
    private long version;

    /** @param seconds how long each watch lasts */
    ChangeLog(KilledServer server, long version, int seconds) throws IOException, GeneralSecurityException {
        this.server = server;
        this.http = server.client();
        this.version = version;
        this.seconds = seconds;
    }

    List<Change> follow() throws InterruptedException {
        while (true) {
            var path = RandomClient.MAPS + "?watch=true&timeoutSeconds=" + seconds + "&resourceVersion=" + version;
            var request = HttpRequest.newBuilder(server.uri().resolve(path)).build();
            try (var lines = http.send(request, BodyHandlers.ofLines()).body()) {
                for (var line : (Iterable<String>) lines::iterator) {
                    if (take(line)) {
                        return changes;
                    }
                }
            } catch (IOException | UncheckedIOException e) {
                server.awaitStart();
            }
        }
    }

    /** True at the end. */
    private boolean take(String line) {
        var event = Json.read(line.getBytes(StandardCharsets.UTF_8)).tree();
        var object = event.path("object");
        var type = event.path("type").asString("");
        if (type.equals("ERROR")) {
            throw new AssertionError(line);
        }
        version = RandomClient.version(object);
        var key = object.path("metadata").path("name").asString("");
        if (key.startsWith(RandomClient.PREFIX) && !key.equals(END)) {
            var value = RandomClient.seen(object).value();
            changes.add(new Change(version, key, type.equals("DELETED") ? null : value));
        }
        return key.equals(END);
    }
}
