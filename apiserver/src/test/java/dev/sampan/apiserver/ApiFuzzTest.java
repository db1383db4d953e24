package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.schema.codec.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Whatever clients send, the server answers soon, does not call it its own failure, and goes on. */
final class ApiFuzzTest {

    /** {@code -Dsampan.fuzz.requests} and {@code -Dsampan.fuzz.seed} for more and for others. */
    private static final int REQUESTS = Integer.getInteger("sampan.fuzz.requests", 8_000);

    private static final long SEED = Long.getLong("sampan.fuzz.seed", 1);

    /** Far beyond what any of them takes, even on a busy machine. */
    private static final Duration SOON = Duration.ofSeconds(20);

    private static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    @TempDir
    private Path pki;

    private final FuzzedRequests requests = new FuzzedRequests();
    private final List<String> failures = new ArrayList<>();

    @Test
    @Timeout(300)
    void requests() {
        try (var server = new WholeServer(pki)) {
            for (long seed = SEED; seed < SEED + REQUESTS; seed++) {
                send(server, requests.of(seed), seed);
            }
            nothingIsTheServersFault(server);
        }
    }

    @Test
    @Timeout(300)
    void definitionsAndTheirObjects() {
        int established = 0;
        int stored = 0;
        try (var server = new WholeServer(pki)) {
            for (long seed = SEED; seed < SEED + REQUESTS / 16; seed++) {
                var definition = FuzzedDefinitions.of(seed);
                if (send(server, create(DEFINITIONS, definition), seed) != 201) {
                    continue;
                }
                var name = definition.at("/metadata/name").asString();
                var target = FuzzedDefinitions.target(definition);
                if (definition.at("/spec/versions/0/served").asBoolean()) {
                    established++;
                    await().pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(2))
                            .until(() -> server.get(target.collection()).code() == 200);
                }
                var random = new Random(seed);
                for (int i = 0; i < 12; i++) {
                    stored += send(server, requests.about(target, random), seed) == 201 ? 1 : 0;
                }
                server.delete(DEFINITIONS + "/" + name).ok();
            }
            nothingIsTheServersFault(server);
        }
        // Most are well-formed: what is refused at the door tests no more than the door.
        assertThat(established).isGreaterThan(REQUESTS / 16 / 8);
        assertThat(stored).isGreaterThan(REQUESTS / 16 / 8);
    }

    @Test
    @Timeout(300)
    void policies() {
        int bound = 0;
        try (var server = new WholeServer(pki)) {
            for (long seed = SEED; seed < SEED + REQUESTS / 16; seed++) {
                var policy = seed % 2 == 0 ? FuzzedPolicies.validating(seed) : FuzzedPolicies.mutating(seed);
                var binding = FuzzedPolicies.binding(policy, seed);
                if (send(server, create(collection(policy), policy), seed) != 201) {
                    continue;
                }
                bound++;
                server.send(create(collection(binding), binding)).ok();
                var map = requests.target("v1", "ConfigMap");
                var random = new Random(seed);
                for (int i = 0; i < 6; i++) {
                    send(server, requests.about(map, random), seed);
                }
                for (var object : List.of(binding, policy)) {
                    server.delete(collection(object) + "/p" + seed).ok();
                }
            }
            nothingIsTheServersFault(server);
        }
        assertThat(bound).isGreaterThan(REQUESTS / 16 / 8);
    }

    private static String collection(ObjectNode policyOrBinding) {
        var kind = policyOrBinding.path("kind").asString().toLowerCase(Locale.ROOT);
        return "/apis/admissionregistration.k8s.io/v1/"
                + (kind.endsWith("y") ? kind.substring(0, kind.length() - 1) + "ies" : kind + "s");
    }

    private static ApiRequest create(String path, ObjectNode object) {
        var headers = Map.of("content-type", List.of("application/json"));
        return ApiRequest.of(WholeServer.ADMIN, "POST", path, headers, Json.write(object));
    }

    /** The answer's status. */
    private int send(WholeServer server, ApiRequest request, long seed) {
        long start = System.nanoTime();
        var response = server.api().handle(request);
        var failure = failure(response);
        if (System.nanoTime() - start > SOON.toNanos()) {
            failure = "took " + Duration.ofNanos(System.nanoTime() - start);
        }
        if (!failure.isEmpty()) {
            failures.add("seed " + seed + ": " + request.method() + " " + request.path() + ": " + failure);
        }
        return response.status();
    }

    private void nothingIsTheServersFault(WholeServer server) {
        assertThat(failures).isEmpty();
        assertThat(server.get("/api/v1/namespaces/default").code()).isEqualTo(200);
    }

    /** What an answer shows of a failure of the server's; empty when it shows none. */
    private static String failure(ApiResponse response) {
        if (response instanceof ApiResponse.Stream stream) {
            stream.body().close();
        }
        if (response.status() != 500 && response.status() != 502) {
            return "";
        }
        return response instanceof ApiResponse.Complete complete
                ? new String(complete.body(), StandardCharsets.UTF_8)
                : Integer.toString(response.status());
    }
}
