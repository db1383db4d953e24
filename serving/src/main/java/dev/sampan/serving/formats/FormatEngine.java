package dev.sampan.serving.formats;

import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.keras.KerasConverter;
import dev.sampan.models.keras.KerasException;
import dev.sampan.models.onnx.OnnxWriter;
import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.EngineOptions;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.engine.OnnxEngine;
import dev.sampan.serving.tensorflow.SavedModelEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Loads a model with the engine that its files ask for: a SavedModel with TensorFlow, everything else with ONNX Runtime, what
 * is not ONNX after conversion in memory.
 */
public final class FormatEngine implements Engine {
    private static final String TRAINED = "model.json";

    private final OnnxEngine onnx;
    private final SavedModelEngine savedModels;

    public FormatEngine(EngineOptions options) {
        this.onnx = new OnnxEngine(options.intraOpThreads(), options.interOpThreads());
        this.savedModels = new SavedModelEngine(
                options.tensorFlowLibrary(),
                options.savedModelTag(),
                options.intraOpThreads(),
                options.interOpThreads());
    }

    @Override
    public LoadedModel load(Path versionFolder) throws ModelLoadException {
        if (SavedModelEngine.accepts(versionFolder)) {
            return savedModels.load(versionFolder);
        }
        if (Files.isRegularFile(versionFolder.resolve(TRAINED))) {
            return onnx.load(versionFolder, versionFolder.resolve(TRAINED), trained(versionFolder));
        }
        var keras = kerasFile(versionFolder);
        if (keras != null) {
            return onnx.load(versionFolder, keras, keras(keras));
        }
        return onnx.load(versionFolder);
    }

    /** The one Keras file of a folder that holds no ONNX file. */
    private static @Nullable Path kerasFile(Path versionFolder) {
        try (var files = Files.list(versionFolder)) {
            var all = files.toList();
            var keras = all.stream().filter(file -> ends(file, ".h5", ".hdf5")).toList();
            return keras.size() == 1 && all.stream().noneMatch(file -> ends(file, ".onnx")) ? keras.getFirst() : null;
        } catch (IOException e) {
            // Whatever is wrong with the folder, the engine will say it.
            return null;
        }
    }

    private static boolean ends(Path file, String... endings) {
        var name = file.getFileName().toString();
        return Arrays.stream(endings).anyMatch(name::endsWith);
    }

    private static byte[] keras(Path file) throws ModelLoadException {
        try {
            return KerasConverter.convert(file);
        } catch (KerasException e) {
            throw new ModelLoadException("cannot convert " + file + " to ONNX: " + e.getMessage(), e);
        }
    }

    private static byte[] trained(Path versionFolder) throws ModelLoadException {
        try {
            return OnnxWriter.write(TrainedModel.load(versionFolder));
        } catch (IOException | RuntimeException e) {
            throw new ModelLoadException("cannot convert to ONNX: " + e.getMessage(), e);
        }
    }
}
