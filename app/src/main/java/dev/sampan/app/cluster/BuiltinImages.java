package dev.sampan.app.cluster;

import dev.sampan.node.image.BuiltinImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The images that are programs of this repository, under our names and those that people's manifests use. */
final class BuiltinImages {

    private BuiltinImages() {}

    static List<BuiltinImage> all(JavaLauncher launcher) {
        var serve = launcher.modelServer();
        var python = new ArrayList<>(launcher.program());
        python.add("python");
        return List.of(
                new BuiltinImage(
                        List.of("sampan/model-server", "tensorflow/serving"),
                        serve,
                        List.of(),
                        // As the entry point of the image tensorflow/serving.
                        Map.of("MODEL_NAME", "model", "MODEL_BASE_PATH", "/models"),
                        List.of("8500/tcp", "8501/tcp"),
                        Map.of("/usr/bin/tensorflow_model_server", serve, "/usr/bin/tf_serving_entrypoint.sh", serve)),
                new BuiltinImage(List.of("sampan/trainer"), launcher.program(), Map.of()),
                new BuiltinImage(
                        List.of("tensorflow/tensorflow"),
                        python,
                        List.of(),
                        Map.of(),
                        List.of(),
                        Map.of("/usr/local/bin/python", python, "/usr/local/bin/python3", python)));
    }
}
