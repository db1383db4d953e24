package dev.sampan.serving.tensorflow;

import com.google.protobuf.CodedOutputStream;
import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TensorFlow SavedModels on TensorFlow, whose library is opened when the first one is loaded. */
public final class SavedModelEngine implements Engine {
    private static final Logger LOG = LoggerFactory.getLogger(SavedModelEngine.class);
    /** Numbers of fields in TensorFlow's ConfigProto. */
    private static final int INTRA_OP_THREADS = 2;

    private static final int INTER_OP_THREADS = 5;

    private final Path libraryFolder;
    private final String tag;
    private final int intraOpThreads;
    private final int interOpThreads;
    private final ReentrantLock opening = new ReentrantLock();
    private @Nullable TensorFlowLibrary library;

    /**
     * @param libraryFolder where TensorFlow's library is; it need not be there as long as no SavedModel is loaded
     * @param tag of the graph to serve, usually {@code serve}
     */
    public SavedModelEngine(Path libraryFolder, String tag, int intraOpThreads, int interOpThreads) {
        this.libraryFolder = libraryFolder;
        this.tag = tag;
        this.intraOpThreads = intraOpThreads;
        this.interOpThreads = interOpThreads;
    }

    /** Whether a folder holds a SavedModel. */
    public static boolean accepts(Path versionFolder) {
        return Files.isRegularFile(versionFolder.resolve(SavedModelFile.NAME));
    }

    /** Whether a folder holds TensorFlow's library. */
    public static boolean isInstalled(Path libraryFolder) {
        return Files.isRegularFile(libraryFolder.resolve(TensorFlowLibrary.FILE));
    }

    @Override
    public LoadedModel load(Path versionFolder) throws ModelLoadException {
        var signatures = SavedModelFile.read(versionFolder).signatures(tag);
        var tensorFlow = library();
        var session = tensorFlow.load(versionFolder, tag, config());
        try {
            return new SavedModel(tensorFlow, session, signatures, estimateBytes(versionFolder));
        } catch (ModelLoadException | RuntimeException e) {
            tensorFlow.close(session);
            throw e;
        }
    }

    private TensorFlowLibrary library() throws ModelLoadException {
        opening.lock();
        try {
            var open = library;
            if (open == null) {
                open = TensorFlowLibrary.open(libraryFolder);
                library = open;
                LOG.info("TensorFlow {} from {}", open.version(), libraryFolder);
            }
            return open;
        } finally {
            opening.unlock();
        }
    }

    private byte[] config() {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeInt32(INTRA_OP_THREADS, intraOpThreads);
            out.writeInt32(INTER_OP_THREADS, interOpThreads);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
