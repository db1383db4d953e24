package dev.sampan.serving;

import dev.sampan.serving.config.ModelConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Options of servers under test. */
public final class TestServers {
    private TestServers() {}

    /** Models in the folders of their names, on free ports, looked at every 20 ms. */
    public static ServerOptions options(Path folder, List<String> models) {
        var configs = models.stream()
                .map(name -> ModelConfig.latest(name, folder.resolve(name)))
                .toList();
        return ServerOptions.local(configs)
                .with(ServerOptions.Loading.DEFAULT.polling(Duration.ofMillis(20), Duration.ZERO));
    }
}
