package dev.sampan.serving.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One session. Inputs are handed over as they lie in memory. Outputs whose shape follows from the inputs' (equal symbolic
 * dimensions) are written by the runtime straight into our buffers; others are copied once.
 */
final class OnnxModel implements LoadedModel {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final long memoryBytes;
    private final OnnxSignatures signatures;
    private final boolean mixesRows;

    OnnxModel(OrtEnvironment environment, OrtSession session, long fileBytes, SignatureFile names, boolean mixesRows)
            throws OrtException, ModelLoadException {
        this.environment = environment;
        this.session = session;
        this.memoryBytes = Engine.inMemory(fileBytes);
        this.signatures = OnnxSignatures.of(session, names);
        this.mixesRows = mixesRows;
    }

    @Override
    public boolean mixesRows() {
        return mixesRows;
    }

    @Override
    public Map<String, Signature> signatures() {
        return signatures.byName();
    }

    @Override
    public List<String> classNames() {
        return signatures.classNames();
    }

    @Override
    public String platform() {
        return "onnxruntime_onnx";
    }

    @Override
    public long memoryBytes() {
        return memoryBytes;
    }

    @Override
    public Map<String, Tensor> run(
            Signature signature, Map<String, Tensor> inputs, List<String> outputs, BufferScope buffers) {
        var names = signatures.names(signature.name());
        var open = new ArrayList<OnnxTensor>(inputs.size() + outputs.size());
        try {
            var sizes = new HashMap<String, Long>();
            var fed = new HashMap<String, OnnxTensor>();
            for (var input : inputs.entrySet()) {
                var name = names.input(input.getKey());
                signatures.bind(name, input.getValue().shape(), sizes);
                fed.put(name, opened(open, wrap(input.getValue())));
            }
            var pinned = new LinkedHashMap<String, OnnxTensor>();
            var requested = new LinkedHashSet<String>();
            var results = new LinkedHashMap<String, Tensor>();
            for (var output : outputs) {
                var name = names.output(output);
                long @Nullable [] shape = signatures.shape(name, sizes);
                var dtype = signatures.dtype(name);
                if (shape == null || dtype == DType.STRING || Tensor.elements(shape) == 0) {
                    requested.add(name);
                    continue;
                }
                var tensor = new Tensor.Numeric(dtype, shape, buffers.take(Tensor.elements(shape) * dtype.bytes()));
                pinned.put(name, opened(open, wrap(tensor)));
                results.put(output, tensor);
            }
            try (var result = session.run(fed, requested, pinned)) {
                return collect(outputs, names, results, result, buffers);
            }
        } catch (OrtException e) {
            throw failure(e);
        } finally {
            open.forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor opened(List<OnnxTensor> open, OnnxTensor tensor) {
        open.add(tensor);
        return tensor;
    }

    private static Map<String, Tensor> collect(
            List<String> outputs,
            OnnxSignatures.Names names,
            Map<String, Tensor> pinned,
            OrtSession.Result result,
            BufferScope buffers)
            throws OrtException {
        var all = new LinkedHashMap<String, Tensor>();
        for (var output : outputs) {
            var tensor = pinned.get(output);
            if (tensor == null) {
                tensor = copy(output, result.get(names.output(output)).orElseThrow(), buffers);
            }
            all.put(output, tensor);
        }
        return all;
    }

    private OnnxTensor wrap(Tensor tensor) throws OrtException {
        return switch (tensor) {
            case Tensor.Numeric numeric ->
                OnnxTensor.createTensor(
                        environment, numeric.data(), numeric.shape(), OnnxSignatures.javaType(numeric.dtype()));
            case Tensor.Strings strings -> {
                var texts = new String[strings.values().length];
                for (int i = 0; i < texts.length; i++) {
                    texts[i] = new String(strings.values()[i], StandardCharsets.UTF_8);
                }
                yield OnnxTensor.createTensor(environment, texts, strings.shape());
            }
        };
    }

    private static Tensor copy(String output, OnnxValue value, BufferScope buffers) throws OrtException {
        if (!(value instanceof OnnxTensor tensor) || !(tensor.getInfo() instanceof TensorInfo info)) {
            throw new ServingException(
                    Code.UNIMPLEMENTED, "Output '" + output + "' is a " + value.getType() + ", not a tensor");
        }
        if (info.type == OnnxJavaType.STRING) {
            return new Tensor.Strings(info.getShape(), strings(tensor.getValue()));
        }
        ByteBuffer source = tensor.getByteBuffer();
        var target = buffers.take(source.remaining());
        target.put(0, source, source.position(), source.remaining());
        return new Tensor.Numeric(OnnxSignatures.dtype(info), info.getShape(), target);
    }

    private static byte[][] strings(Object value) {
        var texts = new ArrayList<byte[]>();
        flatten(value, texts);
        return texts.toArray(byte[][]::new);
    }

    private static void flatten(Object value, List<byte[]> texts) {
        if (value instanceof Object[] array) {
            for (Object element : array) {
                flatten(element, texts);
            }
        } else {
            texts.add(value.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static ServingException failure(OrtException e) {
        var code = switch (e.getCode()) {
            case ORT_INVALID_ARGUMENT -> Code.INVALID_ARGUMENT;
            case ORT_NOT_IMPLEMENTED -> Code.UNIMPLEMENTED;
            // What a node of the graph rejects (sizes that do not multiply) arrives as a general failure.
            case ORT_FAIL, ORT_RUNTIME_EXCEPTION -> Code.INVALID_ARGUMENT;
            default -> Code.INTERNAL;
        };
        return new ServingException(code, e.getMessage() == null ? "ONNX Runtime failed" : e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("the session does not close", e);
        }
    }
}
