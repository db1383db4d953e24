package dev.sampan.apiserver;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the process uses, with the names that Prometheus' client libraries give it. */
final class ProcessMetrics {

    private static final Path STATM = Path.of("/proc/self/statm");
    private static final long PAGE = 4096;

    private ProcessMetrics() {}

    static void write(MetricsText out) {
        var runtime = ManagementFactory.getRuntimeMXBean();
        gauge(
                out,
                "process_start_time_seconds",
                "Start time of the process since unix epoch in seconds.",
                runtime.getStartTime() / 1000.0);
        var system = ManagementFactory.getOperatingSystemMXBean();
        if (system instanceof OperatingSystemMXBean known) {
            out.head("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.")
                    .line("process_cpu_seconds_total", "", known.getProcessCpuTime() / 1e9);
        }
        if (system instanceof UnixOperatingSystemMXBean unix) {
            gauge(out, "process_open_fds", "Number of open file descriptors.", unix.getOpenFileDescriptorCount());
            gauge(out, "process_max_fds", "Maximum number of open file descriptors.", unix.getMaxFileDescriptorCount());
        }
        memory(out);
    }

    /** Only where the kernel tells it in this file. */
    private static void memory(MetricsText out) {
        try {
            var pages = Files.readString(STATM).split(" ", 3);
            gauge(
                    out,
                    "process_virtual_memory_bytes",
                    "Virtual memory size in bytes.",
                    Long.parseLong(pages[0]) * PAGE);
            gauge(
                    out,
                    "process_resident_memory_bytes",
                    "Resident memory size in bytes.",
                    Long.parseLong(pages[1]) * PAGE);
        } catch (IOException noSuchFile) {
            gauge(
                    out,
                    "process_virtual_memory_bytes",
                    "Virtual memory size in bytes.",
                    Runtime.getRuntime().totalMemory());
        }
    }

    private static void gauge(MetricsText out, String name, String help, double value) {
        out.head(name, "gauge", help).line(name, "", value);
    }
}
