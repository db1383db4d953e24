package dev.sampan.serving.formats;

import dev.sampan.models.format.TrainedModel;
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
        return onnx.load(versionFolder);
    }

    private static byte[] trained(Path versionFolder) throws ModelLoadException {
        try {
            return OnnxWriter.write(TrainedModel.load(versionFolder));
        } catch (IOException | RuntimeException e) {
            throw new ModelLoadException("cannot convert to ONNX: " + e.getMessage(), e);
        }
    }
}
