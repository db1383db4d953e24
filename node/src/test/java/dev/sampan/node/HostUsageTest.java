package dev.sampan.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostUsageTest {

    @TempDir
    Path proc;

    @Test
    void readsBusyTimeAndMemoryInUse() throws Exception {
        Files.writeString(proc.resolve("stat"), "cpu  100 1 20 5000 300 2 3 4 50 6\ncpu0 1 1 1 1\n");
        Files.writeString(proc.resolve("meminfo"), "MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:  400 kB\n");
        var usage = new HostUsage(proc);

        assertThat(usage.cpuNanos()).hasValue((100 + 1 + 20 + 2 + 3 + 4) * 10_000_000L);
        assertThat(usage.memoryBytes()).hasValue(600 * 1024);
    }

    @Test
    void saysNothingWhereThereIsNoProc() {
        var usage = new HostUsage(proc.resolve("nosuch"));

        assertThat(usage.cpuNanos()).isEmpty();
        assertThat(usage.memoryBytes()).isEmpty();
    }
}
