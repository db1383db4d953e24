package dev.sampan.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tour that a newcomer takes first, from an empty home: every step does what it says. */
class DemoTest {

    private static final Pattern ACCURACY = Pattern.compile("accuracy[^0-9]*0\\.(9[5-9][0-9]*)");

    @TempDir
    Path folder;

    @AfterEach
    void stop() throws Exception {
        new Sampan(folder).run("down"); // for a tour that ended early
    }

    @Test
    void everyStepOfTheTourSucceeds() throws Exception {
        var sampan = new Sampan(folder);
        var demo = sampan.run(
                "demo", "--api-port", "0", "--ingress-port", "0", "--ingress-tls-port", "0", "--node-port", "0");
        var text = demo.orThrow();

        assertThat(text.lines().filter(line -> line.matches("[0-9]+\\. .*")))
                .hasSize(7)
                .last()
                .asString()
                .startsWith("7. Done in");
        assertThat(text)
                .as("training")
                .contains("$ kubectl apply -f examples/digits/3-train.yaml")
                .containsPattern("held-out accuracy 0\\.9");
        assertThat(text)
                .as("conversion")
                .containsPattern("largest difference to the trainer's predictions [0-9.]+e-0[5-9]");
        assertThat(ACCURACY.matcher(text).find())
                .as("accuracy of 95 % or more in\n" + text)
                .isTrue();
        assertThat(text).as("rollout").containsPattern("digits-[a-z0-9-]+ is ready at 127\\.[0-9]+\\.");
        assertThat(text).as("predictions").containsPattern("[0-9] \\([0-9.]+ %\\)");
        assertThat(text).as("killed replica").containsPattern("[1-9][0-9]+ requests answered, 0 failed");
        assertThat(text)
                .as("restart")
                .containsPattern("[1-9][0-9]* objects of namespace digits are back, and the model answers");
        assertThat(text).as("end").contains("The cluster is stopped now");
        assertThat(sampan.run("status").exitCode())
                .as("status of a stopped cluster")
                .isEqualTo(7);
    }
}
