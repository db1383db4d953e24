package dev.sampan.app.cluster;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How to run Sampan's own programs: the Java command lines of the server and of the programs that pods run.
 *
 * @param java the Java binary of this process
 * @param classPath the class path of this process
 * @param cache an ahead-of-time cache of loaded classes, or null where none was made
 * @param folders where native libraries are kept unpacked and engines are installed: properties of this process, if it has any
 */
public record JavaLauncher(
        String java, String classPath, @Nullable Path cache, Map<String, String> folders) {

    private static final List<String> FOLDERS = List.of("sampan.native", "sampan.engines");

    private static final List<String> ALWAYS =
            List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

    /** Describes the running process, so that its children run the same code. */
    public static JavaLauncher ofThisProcess() {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var cache = System.getProperty("sampan.cache");
        return new JavaLauncher(
                java,
                System.getProperty("java.class.path"),
                cache == null || !Files.isReadable(Path.of(cache)) ? null : Path.of(cache),
                foldersOfThisProcess());
    }

    private static Map<String, String> foldersOfThisProcess() {
        var folders = new TreeMap<String, String>();
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
        return command(List.of(
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
        return command(List.of(
                "-Xmx512m",
                "-Dorg.slf4j.simpleLogger.logFile=System.out",
                "-Dorg.slf4j.simpleLogger.log.org.eclipse.jetty=warn"));
    }

    private List<String> command(List<String> options) {
        var command = new ArrayList<String>();
        command.add(java);
        command.addAll(ALWAYS);
        if (cache != null) {
            command.add("-XX:AOTCache=" + cache);
            command.add("-Dsampan.cache=" + cache);
        }
        folders.forEach((name, folder) -> command.add("-D" + name + "=" + folder));
        command.addAll(options);
        command.add("-cp");
        command.add(classPath);
        command.add("dev.sampan.app.Main");
        return command;
    }
}
