package dev.sampan.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.store.SqliteStore;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * The process that {@link ApiProcess} starts: an API server over a store in a folder, an echo over the same TLS, and answers about
 * what it costs, one line for each line on standard input. It ends with standard input.
 */
final class ApiServerMain {

    private static final String READY = "ready in %d ms: %s %d%n";

    private ApiServerMain() {}

    /** Argument: a folder. */
    static void main(String[] arguments) throws Exception {
        var folder = Path.of(arguments[0]);
        var pki = new PkiDirectory(folder.resolve("pki"), InstantSource.system());
        try (var store = SqliteStore.open(folder.resolve("state"), SqliteStore.Options.defaults());
                var server = new ApiServer(
                        ApiServerConfig.defaults(folder.resolve("pki")).withPort(0), store)) {
            server.start();
            var tls = KeyStores.tls(
                    pki.apiServer(List.of()), List.of(pki.clusterCa().certificate()));
            try (var echo = TlsEcho.listen(tls)) {
                long uptime = ManagementFactory.getRuntimeMXBean().getUptime();
                System.out.printf(READY, uptime, server.uri(), echo.port());
                var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                for (var line = in.readLine(); line != null; line = in.readLine()) {
                    System.out.println(line.equals("heap") ? heap(store) : cost());
                }
            }
        }
    }

    /** Processor time of this process in ns, bytes allocated by all its threads. */
    private static String cost() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return system.getProcessCpuTime() + " " + threads.getTotalThreadAllocatedBytes();
    }

    /** Heap in use after a collection, objects, bytes of their values. */
    private static String heap(SqliteStore store) {
        long objects = 0;
        long bytes = 0;
        for (var entry : store.snapshot().range("", null)) {
            objects++;
            bytes += entry.value().length;
        }
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory() + " " + objects + " " + bytes;
    }
}
