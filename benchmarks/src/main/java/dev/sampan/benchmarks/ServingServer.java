package dev.sampan.benchmarks;

import dev.sampan.serving.ModelServer;
import java.util.List;
import java.util.Map;

/** The process that {@link ServingThroughput} measures. */
final class ServingServer {
    private ServingServer() {}

    static void main(String[] arguments) {
        System.exit(ModelServer.run(List.of(arguments), Map.of(), System.out));
    }
}
