package dev.sampan.app.cli;

import dev.sampan.node.image.BuildRequest;
import dev.sampan.node.image.ImageName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A model as an image: the model server and the model's versions.
 *
 * @param context folder to copy from
 * @param copied what of it, "." for all
 * @param destination in the image
 * @param port REST port
 */
record PackagedModel(Path context, String copied, String name, String destination, int port) {

    private static final int GRPC_PORT = 8500;

    /** Finds the model at a path: a folder of versions, a folder with the model's files, or an ONNX file. */
    static PackagedModel find(Path path, String name, int port) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new UserError(
                    "--name " + name + ": a model's name has letters, digits, dots, dashes and underscores.", 2);
        }
        if (port < 1 || port > 65535) {
            throw new UserError("--port " + port + ": a port is a number from 1 to 65535.", 2);
        }
        var model = path.toAbsolutePath().normalize();
        if (Files.isRegularFile(model) && model.toString().endsWith(".onnx")) {
            var folder = Objects.requireNonNull(model.getParent());
            return new PackagedModel(
                    folder, quoted(model.getFileName()), name, "/models/" + name + "/1/model.onnx", port);
        }
        if (!Files.isDirectory(model)) {
            throw new UserError("--model " + path + ": there is no such folder or ONNX file.");
        }
        try {
            if (holdsModel(model)) {
                return new PackagedModel(model, ".", name, "/models/" + name + "/1/", port);
            }
            try (var children = Files.list(model)) {
                var versions = children.filter(c -> c.getFileName().toString().matches("[0-9]+"))
                        .toList();
                if (!versions.isEmpty()) {
                    return new PackagedModel(model, ".", name, "/models/" + name + "/", port);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new UserError(
                "--model " + path + ": this folder has neither a model (model.onnx) nor versions of one (1/,"
                        + " 2/ …). Make one with: sampan convert --in TRAINED --out " + path + "/1/model.onnx");
    }

    private static boolean holdsModel(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .anyMatch(f -> f.endsWith(".onnx") || f.equals("saved_model.pb"));
        }
    }

    private static String quoted(Path name) {
        return "\"" + name + "\"";
    }

    /** The build that a person would write by hand. */
    BuildRequest request(ImageName image) {
        var grpc = port == GRPC_PORT ? ", \"--port=0\"" : "";
        var text = """
                FROM sampan/model-server
                COPY %s %s
                ENV MODEL_NAME=%s
                EXPOSE %d
                ENTRYPOINT ["/usr/bin/tensorflow_model_server", "--rest_api_port=%d"%s]
                """.formatted(copied, destination, name, port, port, grpc);
        return new BuildRequest(image, context, "--model", text, Map.of());
    }
}
