package dev.sampan.store;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.sqlite.util.LibraryLoaderUtil;

/** Starts a main class of the tests in a process of its own, as fast as a JVM can be started. */
final class ChildJvm {

    private final Path scratch;
    private final Path archive;
    private final String classPath;

    /** @param scratch where the children's temporary files and their class archive go */
    ChildJvm(Path scratch) throws IOException {
        this.scratch = scratch;
        this.archive = scratch.resolve("classes.jsa");
        this.classPath = jarred(System.getProperty("java.class.path"));
        unpackSqlite();
    }

    /** The class path with one jar in the place of its directories: class archives know jars only. */
    private String jarred(String path) throws IOException {
        var ours = scratch.resolve("ours.jar");
        var elements = new ArrayList<>(List.of(ours.toString()));
        try (var jar = new JarOutputStream(Files.newOutputStream(ours))) {
            for (var element : path.split(File.pathSeparator)) {
                if (Files.isDirectory(Path.of(element))) {
                    addClasses(jar, Path.of(element));
                } else if (element.contains("sqlite") || element.contains("slf4j")) {
                    elements.add(element);
                }
            }
        }
        return String.join(File.pathSeparator, elements);
    }

    /** Once for all: a child that is killed would leave its own copy behind. */
    private void unpackSqlite() throws IOException {
        var library = LibraryLoaderUtil.getNativeLibName();
        try (var in = LibraryLoaderUtil.class.getResourceAsStream(
                LibraryLoaderUtil.getNativeLibResourcePath() + "/" + library)) {
            Files.copy(Objects.requireNonNull(in), scratch.resolve(library));
        }
    }

    private static void addClasses(JarOutputStream jar, Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                jar.putNextEntry(
                        new JarEntry(directory.relativize(file).toString().replace(File.separatorChar, '/')));
                jar.write(Files.readAllBytes(file));
            }
        }
    }

    /** Runs the class once to the end, so that later starts find its classes in an archive. */
    void warmUp(Class<?> main, String... arguments) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command("-XX:ArchiveClassesAtExit=" + archive, main, arguments))
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("warm-up.log").toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new AssertionError(Files.readString(scratch.resolve("warm-up.log")));
        }
    }

    /** @param output what the process prints goes to this file */
    Process start(Path output, Class<?> main, String... arguments) throws IOException {
        return new ProcessBuilder(command("-XX:SharedArchiveFile=" + archive, main, arguments))
                .redirectOutput(output.toFile())
                .redirectError(scratch.resolve("errors.log").toFile())
                .start();
    }

    /** Starts the class with pipes to talk to it and with files limited to {@code kilobytes}. */
    Process startLimited(int kilobytes, Class<?> main, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("bash", "-c", "ulimit -S -f " + kilobytes + " && exec \"$@\"", "bash"));
        command.addAll(command("-Xshare:auto", main, arguments));
        return new ProcessBuilder(command)
                .redirectError(scratch.resolve("errors.log").toFile())
                .start();
    }

    private List<String> command(String archiveOption, Class<?> main, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xshare:auto",
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                archiveOption,
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.sqlite.lib.path=" + scratch,
                "-cp",
                classPath,
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
