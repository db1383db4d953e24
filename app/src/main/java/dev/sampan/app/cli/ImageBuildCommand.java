package dev.sampan.app.cli;

import dev.sampan.node.image.BuildException;
import dev.sampan.node.image.BuildRequest;
import dev.sampan.node.image.ImageBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "build",
        description = {
            "Build an image for the cluster, without Docker and without the network.",
            "Packages the files that a Sampanfile or Dockerfile names (FROM, COPY, ADD, ENV, WORKDIR, ENTRYPOINT, CMD, "
                    + "EXPOSE, ARG, LABEL, USER …); it runs nothing, so there is no RUN. With --model, packages a model "
                    + "with the model server and needs no file."
        },
        footer = {
            "",
            "Example:  sampan image build -t registry.example.com/image-classifier:v1 \\",
            "              --model models/digits --name image-classifier --port 8080",
            "          sampan image build -t my-app:v1 ."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ImageBuildCommand implements Callable<Integer> {

    private static final List<String> USUAL_FILES = List.of("Sampanfile", "Dockerfile", "Containerfile");

    @Option(
            names = {"-t", "--tag"},
            paramLabel = "NAME",
            required = true,
            description = "Name of the image, as manifests write it.")
    private String tag = "";

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "The build file (default: DIR/Sampanfile, else DIR/Dockerfile).")
    private @Nullable Path file;

    @Option(names = "--build-arg", paramLabel = "NAME=VALUE", description = "Value of an ARG; may be repeated.")
    private Map<String, String> arguments = new LinkedHashMap<>();

    @Option(
            names = "--model",
            paramLabel = "PATH",
            description = "Package this model: an ONNX file, a folder with one, or a folder of versions.")
    private @Nullable Path model;

    @Option(
            names = "--name",
            paramLabel = "MODEL",
            description = "With --model: the model's name in requests (default: the last part of the image's name).")
    private @Nullable String modelName;

    @Option(
            names = "--port",
            defaultValue = "8501",
            description = "With --model: the REST port that the image listens on (default: ${DEFAULT-VALUE}).")
    private int port;

    @Mixin
    private HomeOption home = new HomeOption();

    @Parameters(arity = "0..1", paramLabel = "DIR", description = "Folder with the files to package.")
    private @Nullable Path directory;

    @Override
    public Integer call() throws Exception {
        var name = ImageCommand.name(tag);
        var folder = home.home();
        folder.create();
        var images = ImageCommand.images(folder);
        try {
            var request = model == null
                    ? new BuildRequest(name, context(), buildFile().toString(), readBuildFile(), arguments)
                    : packagedModel().request(name);
            var built = new ImageBuilder(images.layout(), images.store()).build(request);
            built.warnings().forEach(warning -> System.err.println("warning: " + warning));
            System.out.printf(
                    "Built %s (%s, %s)%n",
                    name.familiar(),
                    built.id().substring(0, "sha256:".length() + 12),
                    ImageCommand.size(built.sizeBytes()));
            return 0;
        } catch (BuildException e) {
            throw new UserError(String.valueOf(e.getMessage()));
        }
    }

    private PackagedModel packagedModel() {
        if (directory != null || file != null || !arguments.isEmpty()) {
            throw new UserError("Give either --model, or DIR with a build file; --model needs no build file.", 2);
        }
        var parts = ImageCommand.name(tag).path().split("/");
        var name = modelName == null ? parts[parts.length - 1] : modelName;
        return PackagedModel.find(java.util.Objects.requireNonNull(model), name, port);
    }

    private Path context() {
        if (directory == null) {
            throw new UserError("Say which folder to package ('.' for this one), or which model with --model.", 2);
        }
        if (!Files.isDirectory(directory)) {
            throw new UserError("There is no folder " + directory + ".");
        }
        return directory;
    }

    private Path buildFile() {
        if (file != null) {
            return file;
        }
        var context = context();
        return Stream.of(USUAL_FILES)
                .flatMap(List::stream)
                .map(context::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new UserError("There is neither a Sampanfile nor a Dockerfile in the folder "
                        + context + " : name one with -f, or package a model with --model."));
    }

    private String readBuildFile() throws IOException {
        var path = buildFile();
        if (!Files.isRegularFile(path)) {
            throw new UserError("There is no build file " + path + ".");
        }
        return Files.readString(path);
    }
}
