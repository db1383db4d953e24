package dev.sampan.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python client as Debian has it (python3-kubernetes); what it does stands in {@code client_test.py}. */
@SampanCluster
class PythonClientTest {

    private static final String PYTHON = "/usr/bin/python3";

    @Test
    void everyScenarioPasses(TestCluster cluster, @TempDir Path folder) throws Exception {
        assumeThat(Script.works(PYTHON, "-c", "import kubernetes"))
                .as("Debian's python3-kubernetes is needed")
                .isTrue();
        Script.unpack(folder, "client_test.py");

        var run = Script.run(cluster, folder, 120, List.of(PYTHON, "-m", "unittest", "-v", "client_test"));

        assertThat(run.exitCode()).as(run.output()).isZero();
        // The summary of a run that skipped something is "OK (skipped=1)".
        assertThat(run.output()).contains("Ran 11 tests").endsWith("\nOK\n");
    }
}
