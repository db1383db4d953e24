package dev.sampan.serving.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a session says of its inputs and outputs, as signatures, and how output shapes follow from input shapes. */
final class OnnxSignatures {
    private static final String CLASSES = "classes";

    private final Map<String, TensorInfo> inputs;
    private final Map<String, TensorInfo> outputs;
    private final Map<String, Signature> byName = new LinkedHashMap<>();
    private final Map<String, Names> names = new HashMap<>();
    private final List<String> classNames;

    /** From the names that clients use to the model's own. */
    record Names(Map<String, String> inputs, Map<String, String> outputs) {
        String input(String name) {
            return Objects.requireNonNull(inputs.get(name));
        }

        String output(String name) {
            return Objects.requireNonNull(outputs.get(name));
        }
    }

    private OnnxSignatures(Map<String, TensorInfo> inputs, Map<String, TensorInfo> outputs, List<String> classNames) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.classNames = classNames;
    }

    static OnnxSignatures of(OrtSession session, SignatureFile file) throws OrtException, ModelLoadException {
        var signatures = new OnnxSignatures(
                tensors(session.getInputInfo().values(), true),
                tensors(session.getOutputInfo().values(), false),
                classNames(session));
        if (file.signatures().isEmpty()) {
            signatures.add(Signature.DEFAULT, Signature.PREDICT, same(signatures.inputs), same(signatures.outputs));
        }
        for (var entry : file.signatures().entrySet()) {
            var signature = entry.getValue();
            signatures.add(
                    entry.getKey(),
                    signature.method(),
                    signature.inputs().isEmpty() ? same(signatures.inputs) : signature.inputs(),
                    signature.outputs().isEmpty() ? same(signatures.outputs) : signature.outputs());
        }
        return signatures;
    }

    private void add(String name, String method, Map<String, String> in, Map<String, String> out)
            throws ModelLoadException {
        byName.put(name, new Signature(name, method, specs(in, inputs, "input"), specs(out, outputs, "output")));
        names.put(name, new Names(Map.copyOf(in), Map.copyOf(out)));
        if (!in.values().containsAll(inputs.keySet())) {
            throw new ModelLoadException(
                    "signature '" + name + "' does not name all inputs of the model: " + inputs.keySet());
        }
    }

    private static List<TensorSpec> specs(Map<String, String> names, Map<String, TensorInfo> infos, String kind)
            throws ModelLoadException {
        var specs = new ArrayList<TensorSpec>();
        for (var name : names.entrySet()) {
            var info = infos.get(name.getValue());
            if (info == null) {
                throw new ModelLoadException(
                        "the model has no " + kind + " '" + name.getValue() + "'; it has " + infos.keySet());
            }
            specs.add(new TensorSpec(name.getKey(), dtype(info), info.getShape()));
        }
        return specs;
    }

    Map<String, Signature> byName() {
        return byName;
    }

    List<String> classNames() {
        return classNames;
    }

    Names names(String signature) {
        return Objects.requireNonNull(names.get(signature));
    }

    DType dtype(String output) {
        return dtype(Objects.requireNonNull(outputs.get(output)));
    }

    /** Notes the sizes of the symbolic dimensions of an input. */
    void bind(String input, long[] shape, Map<String, Long> sizes) {
        var symbols = Objects.requireNonNull(inputs.get(input)).getDimensionNames();
        for (int i = 0; i < symbols.length && i < shape.length; i++) {
            if (!symbols[i].isEmpty()) {
                sizes.put(symbols[i], shape[i]);
            }
        }
    }

    /** The shape that an output will have, or null if it does not follow from the inputs' shapes. */
    long @Nullable [] shape(String output, Map<String, Long> sizes) {
        var info = Objects.requireNonNull(outputs.get(output));
        long[] shape = info.getShape();
        var symbols = info.getDimensionNames();
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] < 0) {
                var size = symbols[i].isEmpty() ? null : sizes.get(symbols[i]);
                if (size == null) {
                    return null;
                }
                shape[i] = size;
            }
        }
        return shape;
    }

    private static Map<String, TensorInfo> tensors(Collection<NodeInfo> nodes, boolean required)
            throws ModelLoadException {
        var tensors = new LinkedHashMap<String, TensorInfo>();
        for (var node : nodes) {
            if (node.getInfo() instanceof TensorInfo info) {
                tensors.put(node.getName(), info);
            } else if (required) {
                throw new ModelLoadException("input '" + node.getName() + "' is not a tensor: " + node.getInfo());
            }
        }
        if (tensors.isEmpty() && !required) {
            throw new ModelLoadException("the model has no tensor among its outputs");
        }
        return tensors;
    }

    private static Map<String, String> same(Map<String, TensorInfo> infos) {
        var names = new LinkedHashMap<String, String>();
        infos.keySet().forEach(name -> names.put(name, name));
        return names;
    }

    private static List<String> classNames(OrtSession session) throws OrtException {
        var recorded = session.getMetadata().getCustomMetadata().get(CLASSES);
        if (recorded == null || !recorded.startsWith("[")) {
            return List.of();
        }
        try {
            return JsonMapper.shared()
                    .readTree(recorded)
                    .valueStream()
                    .map(JsonNode::asString)
                    .toList();
        } catch (JacksonException e) {
            // Another converter's idea of this key; the model works without names.
            return List.of();
        }
    }

    static DType dtype(TensorInfo info) {
        return switch (info.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DType.UINT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DType.UINT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DType.UINT64;
            default ->
                switch (info.type) {
                    case FLOAT -> DType.FLOAT;
                    case DOUBLE -> DType.DOUBLE;
                    case INT8 -> DType.INT8;
                    case INT16 -> DType.INT16;
                    case INT32 -> DType.INT32;
                    case INT64 -> DType.INT64;
                    case BOOL -> DType.BOOL;
                    case STRING -> DType.STRING;
                    case UINT8 -> DType.UINT8;
                    case FLOAT16 -> DType.HALF;
                    case BFLOAT16 -> DType.BFLOAT16;
                    case UNKNOWN -> throw new IllegalArgumentException("unknown element type " + info.onnxType);
                };
        };
    }

    /** ONNX Runtime's Java API has no unsigned types wider than 8 bits. */
    static OnnxJavaType javaType(DType dtype) {
        return switch (dtype) {
            case FLOAT -> OnnxJavaType.FLOAT;
            case DOUBLE -> OnnxJavaType.DOUBLE;
            case INT8 -> OnnxJavaType.INT8;
            case INT16, UINT16 -> OnnxJavaType.INT16;
            case INT32, UINT32 -> OnnxJavaType.INT32;
            case INT64, UINT64 -> OnnxJavaType.INT64;
            case BOOL -> OnnxJavaType.BOOL;
            case STRING -> OnnxJavaType.STRING;
            case UINT8 -> OnnxJavaType.UINT8;
            case HALF -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
        };
    }
}
