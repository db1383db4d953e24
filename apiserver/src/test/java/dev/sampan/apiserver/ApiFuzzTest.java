package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever clients send, the server answers soon, does not call it its own failure, and goes on. */
final class ApiFuzzTest {

    /** {@code -Dsampan.fuzz.requests} and {@code -Dsampan.fuzz.seed} for more and for others. */
    private static final int REQUESTS = Integer.getInteger("sampan.fuzz.requests", 8_000);

    private static final long SEED = Long.getLong("sampan.fuzz.seed", 1);

    /** Far beyond what any of them takes, even on a busy machine. */
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path pki;

    @Test
    @Timeout(300)
    void nothingIsTheServersFault() {
        var requests = new FuzzedRequests();
        var failures = new ArrayList<String>();
        try (var server = new WholeServer(pki)) {
            for (long seed = SEED; seed < SEED + REQUESTS; seed++) {
                var request = requests.of(seed);
                long start = System.nanoTime();
                var failure = failure(server.api().handle(request));
                if (System.nanoTime() - start > SOON.toNanos()) {
                    failure = "took " + Duration.ofNanos(System.nanoTime() - start);
                }
                if (!failure.isEmpty()) {
                    failures.add("seed " + seed + ": " + request.method() + " " + request.path() + ": " + failure);
                }
            }
            assertThat(failures).isEmpty();
            assertThat(server.get("/api/v1/namespaces/default").code()).isEqualTo(200);
        }
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
