package dev.sampan.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operating system refuses to let files grow: writes fail, nothing is lost, and writing works again once it may. */
final class SqliteFullDiskTest {

    @TempDir
    private Path temporary;

    @Test
    @Timeout(60)
    void writesFailWhileTheDiskIsFullAndWorkAfterwards() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "needs prlimit");
        var state = temporary.resolve("state");
        var child = new ChildJvm(temporary).startLimited(1_500, FullDiskWriter.class, state.toString());
        try (var in = child.inputReader();
                var out = child.outputWriter()) {
            long[] full = numbers(in.readLine(), "full");
            assertThat(full[0]).isGreaterThan(100);
            assertThat(full[1]).isEqualTo(full[0] + 1);
            assertThat(numbers(in.readLine(), "failed")).containsExactly(20, full[1], full[0]);
            var lift = new ProcessBuilder("prlimit", "--pid", Long.toString(child.pid()), "--fsize=unlimited").start();
            assertThat(lift.waitFor()).isZero();
            out.write("\n");
            out.flush();
            assertThat(in.readLine()).isEqualTo("again true " + (full[1] + 1));
            assertThat(child.waitFor()).isZero();
            try (var store = SqliteStore.open(state, SqliteStore.Options.defaults())) {
                assertThat(store.snapshot().revision()).isEqualTo(full[1] + 1);
                assertThat(store.snapshot().count("/")).isEqualTo(full[0] + 1);
                assertThat(store.snapshot(full[1]).count("/")).isEqualTo(full[0]);
            }
        } finally {
            child.destroyForcibly();
        }
    }

    private long[] numbers(String line, String word) throws Exception {
        assertThat(line).as(Files.readString(temporary.resolve("errors.log"))).startsWith(word + " ");
        return Arrays.stream(line.split(" ")).skip(1).mapToLong(Long::parseLong).toArray();
    }
}
