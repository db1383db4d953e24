package dev.sampan.serving.tensorflow;

import static dev.sampan.serving.tensorflow.TensorFlowLibrary.OUTPUT;
import static dev.sampan.serving.tensorflow.TensorFlowLibrary.call;
import static dev.sampan.serving.tensorflow.TensorFlowLibrary.perform;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.proto.SignatureDef;
import dev.sampan.serving.proto.TensorInfo;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** One session with the signatures of its graph. TensorFlow's sessions may be run by several threads. */
final class SavedModel implements LoadedModel {
    private final TensorFlowLibrary library;
    private final TensorFlowLibrary.Session session;
    private final Tensors tensors;
    private final long memoryBytes;
    private final Map<String, Signature> signatures = new LinkedHashMap<>();
    private final Map<String, Ends> ends = new HashMap<>();

    private record Ends(Map<String, Endpoint> inputs, Map<String, Endpoint> outputs) {}

    SavedModel(
            TensorFlowLibrary library,
            TensorFlowLibrary.Session session,
            Map<String, SignatureDef> definitions,
            long memoryBytes)
            throws ModelLoadException {
        this.library = library;
        this.session = session;
        this.tensors = new Tensors(library);
        this.memoryBytes = memoryBytes;
        var left = new TreeMap<String, String>();
        for (var definition : definitions.entrySet()) {
            try {
                add(definition.getKey(), definition.getValue());
            } catch (ModelLoadException e) {
                left.put(definition.getKey(), String.valueOf(e.getMessage()));
            }
        }
        if (signatures.isEmpty()) {
            throw new ModelLoadException("no signature of the SavedModel can be served: " + left);
        }
    }

    private void add(String name, SignatureDef definition) throws ModelLoadException {
        var inputs = endpoints(definition.getInputsMap());
        var outputs = endpoints(definition.getOutputsMap());
        if (outputs.isEmpty()) {
            throw new ModelLoadException("it has no outputs");
        }
        var method = definition.getMethodName().isEmpty() ? Signature.PREDICT : definition.getMethodName();
        signatures.put(name, new Signature(name, method, specs(inputs), specs(outputs)));
        ends.put(name, new Ends(inputs, outputs));
    }

    private static List<TensorSpec> specs(Map<String, Endpoint> endpoints) {
        return endpoints.values().stream().map(Endpoint::spec).toList();
    }

    private Map<String, Endpoint> endpoints(Map<String, TensorInfo> infos) throws ModelLoadException {
        var endpoints = new TreeMap<String, Endpoint>();
        for (var info : infos.entrySet()) {
            endpoints.put(info.getKey(), endpoint(info.getKey(), info.getValue()));
        }
        return endpoints;
    }

    private Endpoint endpoint(String name, TensorInfo info) throws ModelLoadException {
        if (!info.hasName()) {
            throw new ModelLoadException("'" + name + "' is no dense tensor");
        }
        int colon = info.getName().lastIndexOf(':');
        var operation = colon < 0 ? info.getName() : info.getName().substring(0, colon);
        int index;
        try {
            index = colon < 0 ? 0 : Integer.parseInt(info.getName().substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new ModelLoadException("'" + name + "' is no tensor: " + info.getName(), e);
        }
        try (var arena = Arena.ofConfined()) {
            var text = arena.allocateFrom(operation);
            var pointer = call(() -> (MemorySegment) library.operationByName.invokeExact(session.graph(), text));
            if (pointer.equals(MemorySegment.NULL)) {
                throw new ModelLoadException("the graph has no '" + operation + "', which '" + name + "' names");
            }
            return new Endpoint(spec(name, info), pointer, index);
        }
    }

    private static TensorSpec spec(String name, TensorInfo info) throws ModelLoadException {
        for (var dtype : DType.values()) {
            if (dtype.number() == info.getDtypeValue()) {
                var shape = info.getTensorShape();
                return shape.getUnknownRank()
                        ? TensorSpec.ofAnyRank(name, dtype)
                        : new TensorSpec(
                                name,
                                dtype,
                                shape.getDimList().stream()
                                        .mapToLong(dimension -> dimension.getSize())
                                        .toArray());
            }
        }
        throw new ModelLoadException(
                "'" + name + "' is of type " + info.getDtype() + ", which has no form on the wire");
    }

    @Override
    public Map<String, Signature> signatures() {
        return signatures;
    }

    @Override
    public List<String> classNames() {
        return List.of();
    }

    @Override
    public String platform() {
        return "tensorflow_savedmodel";
    }

    @Override
    public long memoryBytes() {
        return memoryBytes;
    }

    @Override
    public Map<String, Tensor> run(
            Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers) {
        var names = Objects.requireNonNull(ends.get(signature.name()));
        var fed = new ArrayList<Map.Entry<MemorySegment, Tensor>>(inputs.size());
        try (var arena = Arena.ofConfined()) {
            var from = arena.allocate(OUTPUT, inputs.size());
            var values = arena.allocate(ValueLayout.ADDRESS, inputs.size());
            for (var input : inputs.entrySet()) {
                int at = fed.size();
                put(from, at, Objects.requireNonNull(names.inputs.get(input.getKey())));
                fed.add(Map.entry(tensors.write(input.getValue()), input.getValue()));
                values.setAtIndex(ValueLayout.ADDRESS, at, fed.getLast().getKey());
            }
            var ends = outputs.stream()
                    .map(name -> Objects.requireNonNull(names.outputs.get(name)))
                    .toList();
            return run(arena, from, values, fed.size(), ends, buffers);
        } finally {
            fed.forEach(tensor -> tensors.free(tensor.getKey(), tensor.getValue()));
        }
    }

    private Map<String, Tensor> run(
            Arena arena,
            MemorySegment from,
            MemorySegment values,
            int count,
            List<Endpoint> ends,
            BufferScope buffers) {
        var to = arena.allocate(OUTPUT, ends.size());
        for (int i = 0; i < ends.size(); i++) {
            put(to, i, ends.get(i));
        }
        var results = arena.allocate(ValueLayout.ADDRESS, ends.size());
        var none = MemorySegment.NULL;
        try (var status = library.new Status()) {
            perform(() -> {
                library.run.invokeExact(
                        session.session(),
                        none,
                        from,
                        values,
                        count,
                        to,
                        results,
                        ends.size(),
                        none,
                        0,
                        none,
                        status.pointer);
            });
            if (status.code() != 0) {
                throw failure(status.code(), status.text());
            }
            var all = new LinkedHashMap<String, Tensor>();
            for (int i = 0; i < ends.size(); i++) {
                var spec = ends.get(i).spec();
                all.put(spec.name(), tensors.read(results.getAtIndex(ValueLayout.ADDRESS, i), spec.dtype(), buffers));
            }
            return all;
        } finally {
            for (int i = 0; i < ends.size(); i++) {
                var result = results.getAtIndex(ValueLayout.ADDRESS, i);
                if (!result.equals(none)) {
                    tensors.free(result);
                }
            }
        }
    }

    private static void put(MemorySegment array, int at, Endpoint end) {
        long offset = at * OUTPUT.byteSize();
        array.set(ValueLayout.ADDRESS, offset, end.operation());
        array.set(ValueLayout.JAVA_INT, offset + ValueLayout.ADDRESS.byteSize(), end.index());
    }

    private static ServingException failure(int number, String message) {
        for (var code : Code.values()) {
            if (code.number() == number) {
                return new ServingException(code, message);
            }
        }
        return new ServingException(Code.UNKNOWN, message);
    }

    @Override
    public void close() {
        library.close(session);
    }
}
