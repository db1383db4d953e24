package dev.sampan.serving;

import dev.sampan.serving.batching.BatchOptions;
import dev.sampan.serving.config.ModelConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Options of servers under test. */
public final class TestServers {
    private TestServers() {}

    /** Models in the folders of their names, on free ports, looked at every 20 ms. */
    public static ServerOptions options(Path folder, List<String> models) {
        var local = ServerOptions.local("", folder);
        return new ServerOptions(
                models.stream()
                        .map(name -> ModelConfig.latest(name, folder.resolve(name)))
                        .toList(),
                null,
                local.network(),
                new ServerOptions.Loading(
                        Duration.ofMillis(20), Duration.ZERO, 2, 1, 1, local.loading().manager()),
                local.http(),
                BatchOptions.adaptive(),
                false,
                Duration.ZERO,
                Map.of());
    }
}
