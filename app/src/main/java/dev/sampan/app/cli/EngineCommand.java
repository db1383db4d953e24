package dev.sampan.app.cli;

import dev.sampan.node.files.Trees;
import dev.sampan.serving.engine.EngineOptions;
import dev.sampan.serving.tensorflow.SavedModelEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.zip.ZipFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "engine",
        description = {"Engines of the model server that are too large to come with it."},
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {EngineCommand.Install.class, EngineCommand.ListEngines.class})
final class EngineCommand {

    private static final String TENSORFLOW = "tensorflow";

    private EngineCommand() {}

    private static Path folder() {
        return EngineOptions.installed(System.getenv()).resolve(TENSORFLOW);
    }

    private static boolean installed() {
        return SavedModelEngine.isInstalled(folder());
    }

    @Command(name = "list", description = "Show which engines there are, and where.", mixinStandardHelpOptions = true)
    static final class ListEngines implements Callable<Integer> {
        @Override
        public Integer call() {
            System.out.println("onnxruntime  comes with Sampan  ONNX, Keras .h5, the trainer's models");
            System.out.println("tensorflow   " + (installed() ? "in " + folder() : "not installed") + "  SavedModel");
            return 0;
        }
    }

    @Command(
            name = "install",
            description = {
                "Fetch an engine with Maven and unpack it.",
                "tensorflow: TensorFlow 2.18, to serve SavedModels; 160 MB to fetch, 680 MB on disk."
            },
            mixinStandardHelpOptions = true)
    static final class Install implements Callable<Integer> {
        /** Of TensorFlow Java; its library is TensorFlow 2.18. */
        private static final String VERSION = "1.1.0";

        private static final String ARTIFACT = "tensorflow-core-native";

        @Parameters(paramLabel = "ENGINE", description = "tensorflow")
        private String engine = "";

        @Override
        public Integer call() throws Exception {
            if (!engine.equals(TENSORFLOW)) {
                throw new UserError("There is no engine " + engine + " to install; there is tensorflow.", 2);
            }
            if (installed()) {
                System.out.println("TensorFlow is in " + folder() + " already.");
                return 0;
            }
            var classifier = classifier();
            var target = folder();
            Files.createDirectories(target.getParent());
            var work = Files.createTempDirectory(target.getParent(), ".installing");
            try {
                System.out.println("Fetching TensorFlow (160 MB) ...");
                fetch(classifier, work);
                var libraries = Files.createDirectory(work.resolve("libraries"));
                unpack(work.resolve(ARTIFACT + "-" + VERSION + "-" + classifier + ".jar"), libraries);
                Files.move(libraries, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Trees.delete(work);
            }
            System.out.println("TensorFlow is in " + target + "; `sampan serve` finds it there.");
            return 0;
        }

        private static String classifier() {
            boolean linux =
                    System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
            var machine = System.getProperty("os.arch", "");
            if (linux && (machine.equals("amd64") || machine.equals("x86_64"))) {
                return "linux-x86_64";
            }
            if (linux && machine.equals("aarch64")) {
                return "linux-arm64";
            }
            throw new UserError("TensorFlow can be installed on Linux only; convert the model to ONNX instead.");
        }

        private static void fetch(String classifier, Path folder) throws IOException, InterruptedException {
            var root = System.getenv("SAMPAN_ROOT");
            if (root == null) {
                throw new UserError("Run ./sampan engine install from a checkout: it fetches with Maven. Or fetch"
                        + " org.tensorflow:" + ARTIFACT + ":" + VERSION + " (" + classifier
                        + ") yourself and unpack its .so files into " + folder());
            }
            var command = List.of(
                    Path.of(root, "mvnw").toString(),
                    "-q",
                    "-B",
                    "-N",
                    "dependency:copy",
                    "-Dartifact=org.tensorflow:" + ARTIFACT + ":" + VERSION + ":jar:" + classifier,
                    "-DoutputDirectory=" + folder);
            int exit = new ProcessBuilder(command)
                    .directory(Path.of(root).toFile())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new UserError("Maven could not fetch TensorFlow; its words are above.");
            }
        }

        private static void unpack(Path jar, Path folder) throws IOException {
            try (var zip = new ZipFile(jar.toFile())) {
                for (var entry : zip.stream().toList()) {
                    var name = Path.of(entry.getName()).getFileName().toString();
                    if (name.startsWith("libtensorflow") || name.equals("LICENSE")) {
                        try (var in = zip.getInputStream(entry)) {
                            Files.copy(in, folder.resolve(name));
                        }
                    }
                }
            }
        }
    }
}
