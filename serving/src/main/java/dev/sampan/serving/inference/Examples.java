package dev.sampan.serving.inference;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.proto.Example;
import dev.sampan.serving.proto.Feature;
import dev.sampan.serving.proto.Input;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns examples into the inputs of a signature: each input takes the feature of its name, one row an example. A signature
 * with a single string input takes serialized examples, as TensorFlow's parsing models do.
 */
public final class Examples {
    private final List<Example> examples;
    private final Example context;

    /** @throws ServingException INVALID_ARGUMENT if there are none */
    public Examples(Input input) {
        this.examples = switch (input.getKindCase()) {
            case EXAMPLE_LIST -> input.getExampleList().getExamplesList();
            case EXAMPLE_LIST_WITH_CONTEXT -> input.getExampleListWithContext().getExamplesList();
            case KIND_NOT_SET -> List.of();
        };
        this.context = input.getExampleListWithContext().getContext();
        if (examples.isEmpty()) {
            throw ServingException.invalid("Input is empty.");
        }
    }

    public int count() {
        return examples.size();
    }

    /** Tensors for all inputs of a signature. */
    public Map<String, Tensor> tensors(Signature signature, BufferScope buffers) {
        var inputs = signature.inputs();
        var tensors = new LinkedHashMap<String, Tensor>();
        if (inputs.size() == 1
                && inputs.getFirst().dtype() == DType.STRING
                && !present(inputs.getFirst().name())) {
            tensors.put(inputs.getFirst().name(), serialized());
            return tensors;
        }
        for (var spec : inputs) {
            tensors.put(spec.name(), tensor(spec, buffers));
        }
        return tensors;
    }

    private boolean present(String feature) {
        return examples.stream().anyMatch(example -> example.getFeatures().containsFeature(feature));
    }

    private Tensor serialized() {
        var values = examples.stream()
                .map(example -> context.toBuilder().mergeFrom(example).build().toByteArray())
                .toArray(byte[][]::new);
        return new Tensor.Strings(new long[] {values.length}, values);
    }

    private Tensor tensor(TensorSpec spec, BufferScope buffers) {
        long[] shape = spec.shape().clone();
        if (shape.length == 0) {
            throw ServingException.invalid("Input '" + spec.name() + "' is a scalar and takes no examples");
        }
        shape[0] = examples.size();
        int width = width(spec, shape);
        if (spec.dtype() == DType.STRING) {
            var values = new ArrayList<byte[]>();
            for (int i = 0; i < examples.size(); i++) {
                feature(spec, i, width).getBytesList().getValueList().forEach(value -> values.add(value.toByteArray()));
            }
            return new Tensor.Strings(shape, values.toArray(byte[][]::new));
        }
        var data = buffers.take((long) width * examples.size() * spec.dtype().bytes());
        for (int i = 0; i < examples.size(); i++) {
            put(feature(spec, i, width), spec, width, data, i * width);
        }
        return new Tensor.Numeric(spec.dtype(), shape, data);
    }

    /** Values of an example; one dimension of any size takes what the first example brings. */
    private int width(TensorSpec spec, long[] shape) {
        int known = 1;
        int open = -1;
        for (int i = 1; i < shape.length; i++) {
            if (shape[i] >= 0) {
                known = Math.multiplyExact(known, (int) shape[i]);
            } else if (open < 0) {
                open = i;
            } else {
                throw ServingException.invalid(
                        "Input '" + spec.name() + "' has several dimensions of any size and takes no examples");
            }
        }
        if (open < 0) {
            return known;
        }
        int given = size(lookUp(spec.name(), 0));
        shape[open] = known == 0 ? 0 : given / known;
        return Math.multiplyExact(known, (int) shape[open]);
    }

    private Feature feature(TensorSpec spec, int example, int width) {
        var feature = lookUp(spec.name(), example);
        if (size(feature) != width) {
            throw ServingException.invalid("Example " + example + ": feature '" + spec.name() + "' has " + size(feature)
                    + " values, expected " + width);
        }
        boolean fits = switch (feature.getKindCase()) {
            case BYTES_LIST -> spec.dtype() == DType.STRING;
            case FLOAT_LIST ->
                spec.dtype() == DType.FLOAT || spec.dtype() == DType.DOUBLE || spec.dtype() == DType.HALF;
            case INT64_LIST -> spec.dtype() != DType.STRING;
            case KIND_NOT_SET -> width == 0;
        };
        if (!fits) {
            throw ServingException.invalid("Example " + example + ": feature '" + spec.name() + "' is a "
                    + feature.getKindCase() + ", expected values of type "
                    + spec.dtype().shortName());
        }
        return feature;
    }

    private Feature lookUp(String name, int example) {
        var feature = examples.get(example).getFeatures().getFeatureMap().get(name);
        if (feature == null) {
            feature = context.getFeatures().getFeatureMap().get(name);
        }
        if (feature == null) {
            throw ServingException.invalid("Example " + example + ": feature '" + name + "' is required but missing");
        }
        return feature;
    }

    private static int size(Feature feature) {
        return switch (feature.getKindCase()) {
            case BYTES_LIST -> feature.getBytesList().getValueCount();
            case FLOAT_LIST -> feature.getFloatList().getValueCount();
            case INT64_LIST -> feature.getInt64List().getValueCount();
            case KIND_NOT_SET -> 0;
        };
    }

    private static void put(Feature feature, TensorSpec spec, int width, ByteBuffer data, int from) {
        boolean whole = feature.hasInt64List();
        for (int i = 0; i < width; i++) {
            int at = from + i;
            long integer = whole ? feature.getInt64List().getValue(i) : 0;
            double decimal = whole ? integer : feature.getFloatList().getValue(i);
            switch (spec.dtype()) {
                case FLOAT -> data.putFloat(at * 4, (float) decimal);
                case DOUBLE -> data.putDouble(at * 8, decimal);
                case HALF -> data.putShort(at * 2, Float.floatToFloat16((float) decimal));
                case INT32, UINT32 -> data.putInt(at * 4, (int) integer);
                case INT64, UINT64 -> data.putLong(at * 8, integer);
                case INT16, UINT16 -> data.putShort(at * 2, (short) integer);
                case INT8, UINT8 -> data.put(at, (byte) integer);
                case BOOL -> data.put(at, (byte) (integer != 0 ? 1 : 0));
                case BFLOAT16, STRING ->
                    throw new ServingException(
                            Code.UNIMPLEMENTED,
                            "Examples for inputs of type " + spec.dtype().shortName());
            }
        }
    }
}
