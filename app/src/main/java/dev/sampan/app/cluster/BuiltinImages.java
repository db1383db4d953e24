package dev.sampan.app.cluster;

import dev.sampan.node.image.BuiltinImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The images that are programs of this repository, under our names and those that people's manifests use. */
final class BuiltinImages {

    private BuiltinImages() {}

    static List<BuiltinImage> all(JavaLauncher launcher) {
        return List.of(
                new BuiltinImage(
                        List.of("sampan/model-server", "tensorflow/serving"),
                        command(launcher, "serve"),
                        // As the entry point of the image tensorflow/serving.
                        Map.of("MODEL_NAME", "model", "MODEL_BASE_PATH", "/models")),
                new BuiltinImage(List.of("sampan/trainer"), launcher.program(), Map.of()),
                new BuiltinImage(List.of("tensorflow/tensorflow"), command(launcher, "python"), Map.of()));
    }

    private static List<String> command(JavaLauncher launcher, String... program) {
        var command = new ArrayList<>(launcher.program());
        command.addAll(List.of(program));
        return command;
    }
}
