package dev.sampan.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The JavaScript client (@kubernetes/client-node) on Node.js; what it does stands in {@code client.test.mjs}. */
@SampanCluster
class NodeClientTest {

    /** Kept between runs: npm fetches the packages of the lock file once. */
    private static final Path FOLDER = Path.of("target", "node-client");

    @BeforeAll
    static void needsNode() {
        assumeThat(Script.works("npm", "--version"))
                .as("Node.js with npm is needed")
                .isTrue();
    }

    private static void install() throws IOException {
        var lock = FOLDER.resolve("package-lock.json");
        var installed = FOLDER.resolve("installed.json");
        Files.createDirectories(FOLDER);
        Script.unpack(FOLDER, "package.json", "package-lock.json", "client.test.mjs");
        if (Files.exists(installed) && Files.mismatch(lock, installed) < 0) {
            return;
        }
        var npm = Script.run(null, FOLDER, 240, List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
        assertThat(npm.exitCode()).as(npm.output()).isZero();
        Files.copy(lock, installed, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void everyScenarioPasses(TestCluster cluster) throws Exception {
        install();

        var run = Script.run(cluster, FOLDER, 240, List.of("node", "--test", "client.test.mjs"));

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).containsPattern("pass 10\\b").containsPattern("skipped 0\\b");
    }
}
