package dev.sampan.serving.servable;

import dev.sampan.serving.engine.Engine;
import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An engine without models: what is loaded, in what order, and which folders fail. */
final class FakeEngine implements Engine {
    final List<String> log = new ArrayList<>();
    final Set<String> broken = new HashSet<>();
    boolean crashes;

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
        return new LoadedModel() {
            @Override
            public Map<String, Signature> signatures() {
                return Map.of();
            }

            @Override
            public List<String> classNames() {
                return List.of();
            }

            @Override
            public long memoryBytes() {
                return 1;
            }

            @Override
            public Map<String, Tensor> run(
                    Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers) {
                return Map.of();
            }

            @Override
            public void close() {
                log.add("close " + name);
            }
        };
    }
}
