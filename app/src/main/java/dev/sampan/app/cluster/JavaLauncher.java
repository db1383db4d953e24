package dev.sampan.app.cluster;

import com.sun.management.OperatingSystemMXBean;
import dev.sampan.serving.engine.EngineOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How to run Sampan's own programs: the Java command lines of the server and of the programs that pods run.
 *
 * @param java the Java binary of this process
 * @param classPath the class path of this process
 * @param folders where native libraries are kept unpacked, engines are installed and ahead-of-time caches of loaded classes are, by
 *     the properties that say so
 */
public record JavaLauncher(String java, String classPath, Map<String, String> folders) {

    private static final String CACHES = "sampan.caches";
    private static final List<String> FOLDERS = List.of("sampan.native", CACHES);

    private static final List<String> ALWAYS =
            List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

    /** Describes the running process, so that its children run the same code. */
    public static JavaLauncher ofThisProcess() {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new JavaLauncher(java, System.getProperty("java.class.path"), foldersOfThisProcess());
    }

    private static Map<String, String> foldersOfThisProcess() {
        var folders = new TreeMap<String, String>();
        // Pods do not know this process's home.
        folders.put(
                EngineOptions.FOLDER_PROPERTY,
                EngineOptions.installed(System.getenv()).toString());
        for (var name : FOLDERS) {
            var folder = System.getProperty(name);
            if (folder != null) {
                folders.put(name, folder);
            }
        }
        return folders;
    }

    /** The server's command line, up to and without the {@code server} command. */
    public List<String> server() {
        return command(
                "cluster",
                List.of(
                        "-Xms64m",
                        "-Xmx" + heapMegabytes() + "m",
                        "-XX:MinHeapFreeRatio=10",
                        "-XX:MaxHeapFreeRatio=30",
                        "-Dorg.slf4j.simpleLogger.showDateTime=true",
                        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX"));
    }

    /** A quarter of the machine's memory, as is usual, but enough for a cluster where that is little. */
    private static long heapMegabytes() {
        var machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return Math.max(768, machine.getTotalMemorySize() / 4 >> 20);
    }

    /** The command line of a program that runs in a pod, up to and without its command. */
    public List<String> program() {
        return command(
                "models",
                List.of(
                        "-Xmx512m",
                        "-Dorg.slf4j.simpleLogger.logFile=System.out",
                        "-Dorg.slf4j.simpleLogger.log.org.eclipse.jetty=warn"));
    }

    /** The same for the model server, whose tensors are not in the heap: a small one, collected more often, is enough. */
    public List<String> modelServer() {
        var command = new ArrayList<>(program());
        command.addAll(1, List.of("-Xms48m", "-Xmn32m", "-XX:TrimNativeHeapInterval=10000"));
        command.add("serve");
        return command;
    }

    /** @param play what was rehearsed for such starts */
    private List<String> command(String play, List<String> options) {
        var command = new ArrayList<String>();
        command.add(java);
        command.addAll(ALWAYS);
        var caches = folders.get(CACHES);
        if (caches != null && Files.isReadable(Path.of(caches, play + ".aot"))) {
            command.add("-XX:AOTCache=" + Path.of(caches, play + ".aot"));
        }
        folders.forEach((name, folder) -> command.add("-D" + name + "=" + folder));
        command.addAll(options);
        command.add("-cp");
        command.add(classPath);
        command.add("dev.sampan.app.Main");
        return command;
    }
}
