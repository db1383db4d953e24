package dev.sampan.serving.servable;

import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An engine without models: what is loaded, in what order, how large it is, and which folders fail. */
final class FakeEngine implements Engine {
    final List<String> log = new ArrayList<>();
    final Set<String> broken = new HashSet<>();
    /** What models are estimated to take; 1 byte where nothing is said. */
    final Map<String, Long> sizes = new HashMap<>();
    /** What models turn out to take, where it is not what was estimated. */
    final Map<String, Long> loadedSizes = new HashMap<>();

    boolean crashes;
    private long inMemory;

    @Override
    public long estimateBytes(Path folder) {
        return sizes.getOrDefault(folder.getFileName().toString(), 1L);
    }

    /** Bytes of the models that are loaded. */
    long inMemory() {
        return inMemory;
    }

    @Override
    public LoadedModel load(Path folder) throws ModelLoadException {
        var name = folder.getFileName().toString();
        log.add("load " + name);
        if (crashes) {
            throw new IllegalStateException("boom");
        }
        if (broken.contains(name)) {
            throw new ModelLoadException("broken");
        }
        long bytes = loadedSizes.getOrDefault(name, estimateBytes(folder));
        inMemory += bytes;
        return new LoadedModel() {
            @Override
            public Map<String, Signature> signatures() {
                return Map.of();
            }

            @Override
            public List<String> classNames() {
                return List.of(name);
            }

            @Override
            public long memoryBytes() {
                return bytes;
            }

            @Override
            public Map<String, Tensor> run(
                    Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers) {
                return Map.of();
            }

            @Override
            public void close() {
                inMemory -= bytes;
                log.add("close " + name);
            }
        };
    }
}
