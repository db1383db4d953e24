package dev.sampan.serving.v2;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.v2.InferenceService.Output;
import dev.sampan.serving.v2.proto.InferTensorContents;
import dev.sampan.serving.v2.proto.ModelInferRequest;
import dev.sampan.serving.v2.proto.ModelInferRequest.InferInputTensor;
import dev.sampan.serving.v2.proto.ModelInferResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Inference requests and answers as gRPC's messages. */
final class InferMessages {
    private InferMessages() {}

    static InferenceService.Request read(ModelInferRequest message, BufferScope buffers) {
        int raw = message.getRawInputContentsCount();
        if (raw > 0 && raw != message.getInputsCount()) {
            throw ServingException.invalid(
                    "there are " + message.getInputsCount() + " inputs, but " + raw + " raw_input_contents");
        }
        var inputs = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < message.getInputsCount(); i++) {
            var input = message.getInputs(i);
            if (raw > 0 && input.hasContents()) {
                throw ServingException.invalid("input '" + input.getName()
                        + "' has contents, which must not be where there are raw_input_contents");
            }
            var tensor = raw > 0 ? raw(input, message.getRawInputContents(i), buffers) : typed(input, buffers);
            if (inputs.put(input.getName(), tensor) != null) {
                throw ServingException.invalid("input '" + input.getName() + "' is there twice");
            }
        }
        return new InferenceService.Request(
                message.getModelName(),
                message.getModelVersion(),
                message.getId(),
                Parameters.of(message.getParametersMap()),
                inputs,
                outputs(message));
    }

    private static List<Output> outputs(ModelInferRequest message) {
        if (message.getOutputsCount() == 0) {
            return List.of();
        }
        var outputs = new ArrayList<Output>();
        for (var output : message.getOutputsList()) {
            long classes = Parameters.of(output.getParametersMap()).integer("classification", 0);
            outputs.add(new Output(output.getName(), (int) Math.min(classes, Integer.MAX_VALUE), null));
        }
        return outputs;
    }

    private static long[] shape(InferInputTensor input) {
        var shape = new long[input.getShapeCount()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = input.getShape(i);
        }
        return shape;
    }

    private static Tensor raw(InferInputTensor input, ByteString bytes, BufferScope buffers) {
        var dtype = RawTensors.dtype(input.getName(), input.getDatatype());
        return RawTensors.read(input.getName(), dtype, shape(input), bytes.asReadOnlyByteBuffer(), buffers);
    }

    private static Tensor typed(InferInputTensor input, BufferScope buffers) {
        var name = input.getName();
        var dtype = RawTensors.dtype(name, input.getDatatype());
        long[] shape = shape(input);
        int count = RawTensors.elements(name, shape);
        var contents = input.getContents();
        int given = count(dtype, contents);
        if (given != count) {
            throw ServingException.invalid("input '" + name + "' of datatype " + dtype.v2Name() + " and shape "
                    + Tensor.describe(shape) + " needs " + count + " elements, not " + given);
        }
        if (dtype == DType.STRING) {
            return new Tensor.Strings(
                    shape,
                    contents.getBytesContentsList().stream()
                            .map(ByteString::toByteArray)
                            .toArray(byte[][]::new));
        }
        var data = buffers.take((long) count * dtype.bytes());
        fill(dtype, contents, count, data);
        return new Tensor.Numeric(dtype, shape, data);
    }

    /** Elements in the field that an element type uses. */
    private static int count(DType dtype, InferTensorContents contents) {
        return switch (dtype) {
            case BOOL -> contents.getBoolContentsCount();
            case INT8, INT16, INT32 -> contents.getIntContentsCount();
            case INT64 -> contents.getInt64ContentsCount();
            case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
            case UINT64 -> contents.getUint64ContentsCount();
            case FLOAT -> contents.getFp32ContentsCount();
            case DOUBLE -> contents.getFp64ContentsCount();
            case STRING -> contents.getBytesContentsCount();
            case HALF, BFLOAT16 ->
                throw ServingException.invalid(
                        "datatype " + dtype.v2Name() + " can only be sent as raw_input_contents");
        };
    }

    private static void fill(DType dtype, InferTensorContents contents, int count, ByteBuffer data) {
        for (int i = 0; i < count; i++) {
            switch (dtype) {
                case BOOL -> data.put(i, (byte) (contents.getBoolContents(i) ? 1 : 0));
                case INT8 -> data.put(i, (byte) contents.getIntContents(i));
                case INT16 -> data.putShort(i * 2, (short) contents.getIntContents(i));
                case INT32 -> data.putInt(i * 4, contents.getIntContents(i));
                case INT64 -> data.putLong(i * 8, contents.getInt64Contents(i));
                case UINT8 -> data.put(i, (byte) contents.getUintContents(i));
                case UINT16 -> data.putShort(i * 2, (short) contents.getUintContents(i));
                case UINT32 -> data.putInt(i * 4, contents.getUintContents(i));
                case UINT64 -> data.putLong(i * 8, contents.getUint64Contents(i));
                case FLOAT -> data.putFloat(i * 4, contents.getFp32Contents(i));
                case DOUBLE -> data.putDouble(i * 8, contents.getFp64Contents(i));
                case STRING, HALF, BFLOAT16 -> throw new IllegalStateException(dtype + " has no numbers to copy");
            }
        }
    }

    /** @param raw whether outputs are wanted as raw_output_contents; those of 16-bit floats cannot be sent otherwise */
    static ModelInferResponse write(InferenceService.Response response, boolean raw) {
        boolean asBytes = raw
                || response.outputs().values().stream()
                        .anyMatch(tensor -> tensor.dtype() == DType.HALF || tensor.dtype() == DType.BFLOAT16);
        var message = ModelInferResponse.newBuilder()
                .setModelName(response.model())
                .setModelVersion(response.version())
                .setId(response.id());
        for (Map.Entry<String, Tensor> output : response.outputs().entrySet()) {
            var tensor = output.getValue();
            var proto = message.addOutputsBuilder()
                    .setName(output.getKey())
                    .setDatatype(tensor.dtype().v2Name());
            for (long size : tensor.shape()) {
                proto.addShape(size);
            }
            if (asBytes) {
                var bytes = ByteBuffer.allocate(RawTensors.size(tensor));
                RawTensors.write(tensor, bytes);
                message.addRawOutputContents(UnsafeByteOperations.unsafeWrap(bytes.flip()));
            } else {
                proto.setContents(contents(tensor));
            }
        }
        return message.build();
    }

    private static InferTensorContents contents(Tensor tensor) {
        var contents = InferTensorContents.newBuilder();
        switch (tensor) {
            case Tensor.Strings strings -> {
                for (var value : strings.values()) {
                    contents.addBytesContents(UnsafeByteOperations.unsafeWrap(value));
                }
            }
            case Tensor.Numeric numeric -> {
                int count = (int) Tensor.elements(tensor.shape());
                for (int i = 0; i < count; i++) {
                    add(numeric.dtype(), numeric.data(), i, contents);
                }
            }
        }
        return contents.build();
    }

    private static void add(DType dtype, ByteBuffer data, int i, InferTensorContents.Builder contents) {
        switch (dtype) {
            case BOOL -> contents.addBoolContents(data.get(i) != 0);
            case INT8 -> contents.addIntContents(data.get(i));
            case INT16 -> contents.addIntContents(data.getShort(i * 2));
            case INT32 -> contents.addIntContents(data.getInt(i * 4));
            case INT64 -> contents.addInt64Contents(data.getLong(i * 8));
            case UINT8 -> contents.addUintContents(data.get(i) & 0xff);
            case UINT16 -> contents.addUintContents(data.getShort(i * 2) & 0xffff);
            case UINT32 -> contents.addUintContents(data.getInt(i * 4));
            case UINT64 -> contents.addUint64Contents(data.getLong(i * 8));
            case FLOAT -> contents.addFp32Contents(data.getFloat(i * 4));
            case DOUBLE -> contents.addFp64Contents(data.getDouble(i * 8));
            case STRING, HALF, BFLOAT16 -> throw new IllegalStateException(dtype + " has no field of numbers");
        }
    }
}
