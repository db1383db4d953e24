package dev.sampan.app.cluster;

import dev.sampan.node.process.ProcessRuntime;
import dev.sampan.node.process.ProcessRuntimeConfig;
import dev.sampan.node.runtime.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The containers that run on after their server was killed, until a next one takes them over. */
public final class LeftPods {

    private static final Duration GRACE = Duration.ofSeconds(10);

    private LeftPods() {}

    /**
     * Stops them; only while no server runs on this home.
     *
     * @return how many there were
     */
    public static int stop(Home home) throws IOException, InterruptedException {
        if (!Files.isDirectory(home.pods())) {
            return 0;
        }
        var images = Images.of(home, JavaLauncher.ofThisProcess()).store();
        try (var runtime = new ProcessRuntime(ProcessRuntimeConfig.in(home.pods()), images, InstantSource.system())) {
            var running = runtime.sandboxes().stream()
                    .flatMap(sandbox -> runtime.containers(sandbox.podUid()).stream())
                    .filter(Container::running)
                    .toList();
            var deadline = Instant.now().plus(GRACE);
            for (var container : running) {
                runtime.stop(container.id(), () -> deadline);
            }
            return running.size();
        }
    }
}
