package dev.sampan.apiserver.linearizability;

import dev.sampan.apiserver.linearizability.Operation.Kind;
import dev.sampan.apiserver.linearizability.Operation.Outcome;
import dev.sampan.apiserver.linearizability.Operation.Seen;
import dev.sampan.schema.codec.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;

/** Does one operation after the other on a few ConfigMaps, and writes down what it did. */
final class RandomClient {

    static final String MAPS = "/api/v1/namespaces/default/configmaps";
    static final String PREFIX = "lin-";

    private static final int KEYS = 80;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final int number;
    private final KilledServer server;
    private final HttpClient http;
    private final SplittableRandom random;
    private final Semaphore progress;
    private final Map<String, Long> versions = new HashMap<>(); // as this client saw them last
    private final List<Operation> history = new ArrayList<>();

    /** @param progress gets one permit for each operation */
    RandomClient(int number, KilledServer server, SplittableRandom random, Semaphore progress)
            throws IOException, GeneralSecurityException {
        this.number = number;
        this.server = server;
        this.http = server.client();
        this.random = random;
        this.progress = progress;
    }

    List<Operation> run(int operations) throws InterruptedException {
        for (int i = 0; i < operations; i++) {
            var key = PREFIX + random.nextInt(KEYS);
            int choice = random.nextInt(100);
            if (choice < 2) {
                perform(Kind.LIST, "", "");
            } else if (choice < 58) {
                perform(Kind.GET, key, "");
            } else if (!versions.containsKey(key)) {
                perform(Kind.CREATE, key, number + "-" + i);
            } else {
                perform(choice < 92 ? Kind.UPDATE : Kind.DELETE, key, choice < 92 ? number + "-" + i : "");
            }
        }
        return history;
    }

    private void perform(Kind kind, String key, String value) throws InterruptedException {
        long expected = kind == Kind.UPDATE || kind == Kind.DELETE ? versions.getOrDefault(key, 0L) : 0;
        var request = request(kind, key, value, expected);
        long begun = System.nanoTime();
        Outcome outcome;
        try {
            outcome = outcome(kind, http.send(request, BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            outcome = new Operation.Unknown();
        }
        history.add(new Operation(kind, key, expected, value, begun, System.nanoTime(), outcome));
        remember(kind, key, outcome);
        progress.release();
        if (outcome instanceof Operation.Unknown) {
            server.awaitStart();
        }
    }

    private HttpRequest request(Kind kind, String key, String value, long expected) {
        var builder = HttpRequest.newBuilder().timeout(LIMIT);
        var object = server.uri().resolve(MAPS + "/" + key);
        return switch (kind) {
            case GET -> builder.uri(object).build();
            case LIST -> builder.uri(server.uri().resolve(MAPS)).build();
            case CREATE ->
                builder.uri(server.uri().resolve(MAPS))
                        .POST(map(key, value, ""))
                        .build();
            case UPDATE ->
                builder.uri(object)
                        .PUT(map(key, value, Long.toString(expected)))
                        .build();
            case DELETE ->
                builder.uri(object)
                        .method("DELETE", BodyPublishers.ofString("""
                                {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"resourceVersion":"%d"}}""".formatted(expected)))
                        .build();
        };
    }

    private static HttpRequest.BodyPublisher map(String key, String value, String version) {
        return BodyPublishers.ofString("""
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s","resourceVersion":"%s"},"data":{"v":"%s"}}""".formatted(key, version, value));
    }

    private static Outcome outcome(Kind kind, HttpResponse<byte[]> answer) {
        return switch (answer.statusCode()) {
            case 200, 201 -> {
                var body = Json.read(answer.body()).tree();
                yield switch (kind) {
                    case GET -> new Operation.Read(seen(body));
                    case LIST -> new Operation.Listed(version(body), objects(body));
                    case CREATE, UPDATE -> new Operation.Written(version(body));
                    case DELETE -> new Operation.Written(0);
                };
            }
            case 404 -> kind == Kind.GET ? new Operation.Read(null) : new Operation.Absent();
            case 409 -> new Operation.Conflict();
            case 429, 500, 503, 504 -> new Operation.Unknown();
            default ->
                throw new AssertionError(
                        kind + ": " + answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
        };
    }

    private static Map<String, Seen> objects(JsonNode list) {
        var objects = new HashMap<String, Seen>();
        for (var item : list.path("items")) {
            var name = item.path("metadata").path("name").asString("");
            if (name.startsWith(PREFIX)) {
                objects.put(name, seen(item));
            }
        }
        return objects;
    }

    static Seen seen(JsonNode object) {
        return new Seen(version(object), object.path("data").path("v").asString(""));
    }

    static long version(JsonNode object) {
        return Long.parseLong(object.path("metadata").path("resourceVersion").asString(""));
    }

    private void remember(Kind kind, String key, Outcome outcome) {
        switch (outcome) {
            case Operation.Written(var version) -> {
                if (kind == Kind.DELETE) {
                    versions.remove(key);
                } else {
                    versions.put(key, version);
                }
            }
            case Operation.Read(var object) -> {
                if (object == null) {
                    versions.remove(key);
                } else {
                    versions.put(key, object.version());
                }
            }
            case Operation.Listed(var version, var objects) -> {
                versions.clear();
                objects.forEach((name, seen) -> versions.put(name, seen.version()));
            }
            case Operation.Absent() -> versions.remove(key);
            case Operation.Conflict(), Operation.Unknown() -> {
                // A stale version stays now and then, so that conflicts come up.
            }
        }
    }
}
