package dev.sampan.app.cli;

import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.Images;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.node.image.BuildException;
import dev.sampan.node.image.Image;
import dev.sampan.node.image.ImageArchive;
import dev.sampan.node.image.ImageName;
import dev.sampan.node.process.ImagesInUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "image",
        description = {
            "Build, list and remove the images that the cluster runs.",
            "They lie in the cluster's folder; the cluster may run or not."
        },
        footer = {
            "",
            "Example:  sampan image build -t registry.example.com/digits:v1 --model models/digits --port 8080",
            "          sampan image ls"
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = {
            ImageBuildCommand.class,
            ImageCommand.ListCommand.class,
            ImageCommand.RemoveCommand.class,
            ImageCommand.LoadCommand.class,
            ImageCommand.SaveCommand.class
        })
final class ImageCommand implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    static Images images(Home home) throws IOException {
        return Images.of(home, JavaLauncher.ofThisProcess());
    }

    static ImageName name(String text) {
        return ImageName.parse(text)
                .orElseThrow(() -> new UserError(
                        "\"" + text + "\" is not a valid image name. Write it like registry.example.com/classifier:v1,"
                                + " in lower case.",
                        2));
    }

    static String size(long bytes) {
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%.1fkB", bytes / 1e3)
                : String.format(Locale.ROOT, "%.1fMB", bytes / 1e6);
    }

    @Command(
            name = "ls",
            description = "List the images that pods can name, built-in ones included.",
            footer = {"", "Example:  sampan image ls"},
            mixinStandardHelpOptions = true)
    static final class ListCommand implements Callable<Integer> {

        private static final String ROW = "%-52s %-14s %-10s %s%n";

        @Mixin
        private HomeOption home = new HomeOption();

        @Override
        public Integer call() throws Exception {
            System.out.printf(ROW, "IMAGE", "ID", "SIZE", "FROM");
            var store = images(home.home()).store();
            for (var image : store.built()) {
                image.names().forEach(name -> print(name, image, size(image.sizeBytes()), "local store"));
            }
            for (var image : store.builtin()) {
                image.names().stream()
                        .filter(name -> !name.contains(":"))
                        .forEach(name -> print(name, image, "-", "built in, any tag"));
            }
            return 0;
        }

        private static void print(String name, Image image, String size, String from) {
            var id = image.id().substring(image.id().indexOf(':') + 1);
            System.out.printf(ROW, name, id.substring(0, Math.min(12, id.length())), size, from);
        }
    }

    @Command(
            name = "rm",
            description = "Remove built images. Files that no other image needs are deleted.",
            footer = {"", "Example:  sampan image rm registry.example.com/classifier:v1"},
            mixinStandardHelpOptions = true)
    static final class RemoveCommand implements Callable<Integer> {

        @Mixin
        private HomeOption home = new HomeOption();

        @Option(names = "--force", description = "Remove the name even where containers run from the image.")
        private boolean force;

        @Parameters(arity = "1..*", paramLabel = "NAME", description = "Images to remove.")
        private List<String> names = List.of();

        @Override
        public Integer call() throws Exception {
            var folder = home.home();
            var images = images(folder);
            var inUse = ImagesInUse.in(folder.pods());
            for (var text : names) {
                var name = name(text);
                var image = images.store().find(text);
                if (!force && image.isPresent() && inUse.contains(image.get().id())) {
                    throw new UserError("Image " + name.familiar() + " is in use by a running container. Delete its"
                            + " pod first, or remove the name alone with --force.");
                }
                if (!images.layout().untag(name)) {
                    throw new UserError(
                            image.isPresent()
                                    ? "Image " + name.familiar() + " is built in and cannot be removed."
                                    : "There is no image " + name.familiar() + ". See: sampan image ls");
                }
                System.out.println("Removed " + name.familiar());
            }
            long freed = images.layout().prune(inUse);
            System.out.println("Freed " + size(freed));
            return 0;
        }
    }

    @Command(
            name = "load",
            description = "Take in images from an archive made by 'docker save', 'podman save' or 'sampan image save'.",
            footer = {"", "Example:  docker save my-app:v1 | sampan image load"},
            mixinStandardHelpOptions = true)
    static final class LoadCommand implements Callable<Integer> {

        @Mixin
        private HomeOption home = new HomeOption();

        @Option(
                names = {"-t", "--tag"},
                paramLabel = "NAME",
                description = "Name of the image (default: the name in the archive).")
        private @Nullable String tag;

        @Parameters(arity = "0..1", paramLabel = "FILE", description = "The archive (default: standard input).")
        private @Nullable Path file;

        @Override
        public Integer call() throws Exception {
            var folder = home.home();
            folder.create();
            if (file != null && !Files.isRegularFile(file)) {
                throw new UserError("There is no file " + file + ".");
            }
            try (var in = file == null ? System.in : Files.newInputStream(file)) {
                new ImageArchive(images(folder).layout())
                        .load(in, Optional.ofNullable(tag).map(ImageCommand::name))
                        .forEach(name -> System.out.println("Loaded " + name.familiar()));
                return 0;
            } catch (BuildException e) {
                throw new UserError((file == null ? "standard input" : file) + ": " + e.getMessage());
            }
        }
    }

    @Command(
            name = "save",
            description = "Write a built image to an OCI archive, which docker, podman and skopeo read.",
            footer = {"", "Example:  sampan image save -o classifier.tar registry.example.com/classifier:v1"},
            mixinStandardHelpOptions = true)
    static final class SaveCommand implements Callable<Integer> {

        @Mixin
        private HomeOption home = new HomeOption();

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                required = true,
                description = "The archive to write.")
        private Path output = Path.of("");

        @Parameters(paramLabel = "NAME", description = "The image.")
        private String name = "";

        @Override
        public Integer call() throws Exception {
            var archive = new ImageArchive(images(home.home()).layout());
            var partial = output.resolveSibling(output.getFileName() + ".partial");
            try (var out = Files.newOutputStream(partial)) {
                archive.save(ImageCommand.name(name), out);
            } catch (BuildException e) {
                Files.deleteIfExists(partial);
                throw new UserError(String.valueOf(e.getMessage()));
            }
            Files.move(partial, output, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            System.out.println("Wrote " + output);
            return 0;
        }
    }
}
