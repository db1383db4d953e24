package dev.sampan.serving.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sampan.models.onnx.OnnxRuntimes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * ONNX models on ONNX Runtime. Each run uses the calling thread alone unless {@code intraOpThreads} says otherwise; threads
 * do not spin between runs, so that an idle server costs nothing.
 */
public final class OnnxEngine implements Engine {
    private static final String FILE = "model.onnx";

    private final OrtEnvironment environment = OnnxRuntimes.environment();
    private final int intraOpThreads;
    private final int interOpThreads;

    public OnnxEngine(int intraOpThreads, int interOpThreads) {
        this.intraOpThreads = intraOpThreads;
        this.interOpThreads = interOpThreads;
    }

    @Override
    public LoadedModel load(Path versionFolder) throws ModelLoadException {
        var file = modelFile(versionFolder);
        try {
            long bytes = Files.size(file);
            return serve(
                    versionFolder,
                    file.toString(),
                    bytes,
                    o -> environment.createSession(file.toString(), o),
                    DynamicQuantization.in(file));
        } catch (IOException e) {
            throw new ModelLoadException("cannot load " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Loads a model that another format was converted to.
     *
     * @param origin the file that it was converted from
     */
    public LoadedModel load(Path versionFolder, Path origin, byte[] onnx) throws ModelLoadException {
        return serve(
                versionFolder,
                origin.toString(),
                onnx.length,
                o -> environment.createSession(onnx, o),
                DynamicQuantization.in(ByteBuffer.wrap(onnx)));
    }

    /** Opens a session with the options. */
    private interface Opening {
        OrtSession open(OrtSession.SessionOptions options) throws OrtException;
    }

    private LoadedModel serve(Path versionFolder, String file, long bytes, Opening opening, boolean mixesRows)
            throws ModelLoadException {
        OrtSession session;
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(intraOpThreads);
            options.setInterOpNumThreads(interOpThreads);
            if (interOpThreads > 1) {
                options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.PARALLEL);
            }
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.inter_op.allow_spinning", "0");
            session = opening.open(options);
        } catch (OrtException e) {
            throw new ModelLoadException("cannot load " + file + ": " + e.getMessage(), e);
        }
        try {
            return new OnnxModel(environment, session, bytes, SignatureFile.read(versionFolder), mixesRows);
        } catch (OrtException | ModelLoadException | RuntimeException e) {
            closeAfter(e, session);
            throw new ModelLoadException("cannot serve " + file + ": " + e.getMessage(), e);
        }
    }

    private static void closeAfter(Exception failure, OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            failure.addSuppressed(e);
        }
    }

    private static Path modelFile(Path folder) throws ModelLoadException {
        var usual = folder.resolve(FILE);
        if (Files.isRegularFile(usual)) {
            return usual;
        }
        List<Path> models;
        try (var files = Files.list(folder)) {
            models = files.filter(file -> file.getFileName().toString().endsWith(".onnx"))
                    .toList();
        } catch (IOException e) {
            throw new ModelLoadException("cannot list " + folder + ": " + e.getMessage(), e);
        }
        if (models.size() == 1) {
            return models.getFirst();
        }
        if (models.size() > 1) {
            throw new ModelLoadException(
                    folder + " holds several ONNX files " + models + "; call the one to serve " + FILE);
        }
        throw new ModelLoadException("no model in " + folder + ": expected " + FILE
                + ", a SavedModel (saved_model.pb), a Keras file (*.h5), or model.json of the trainer");
    }
}
