package dev.sampan.serving.v2;

import dev.sampan.serving.tensor.Tensor;
import dev.sampan.serving.wire.ProtoWriter;
import dev.sampan.serving.wire.WireMessage;
import java.io.IOException;
import java.util.Map;

/** {@code ModelInferResponse}, written from the buffers in which the outputs lie. */
final class InferAnswer implements WireMessage {
    private static final int MODEL_NAME = 1;
    private static final int MODEL_VERSION = 2;
    private static final int ID = 3;
    private static final int OUTPUTS = 5;
    private static final int RAW_CONTENTS = 6;

    private final byte[] model;
    private final byte[] version;
    private final byte[] id;
    private final Output[] outputs;
    /** Whether tensors follow as bytes. */
    private final boolean raw;

    /**
     * @param shapeSize of the packed shape
     * @param contents field of the contents
     * @param contentsSize of the field in the contents, without tag and length; unused for strings
     * @param allContents size of the contents' message, or of the bytes that follow
     */
    private record Output(
            byte[] name,
            byte[] datatype,
            Tensor tensor,
            int shapeSize,
            int contents,
            int contentsSize,
            int allContents) {

        int size(boolean raw) {
            int size = ProtoWriter.nestedSize(InputMessage.NAME, name.length)
                    + ProtoWriter.nestedSize(InputMessage.DATATYPE, datatype.length)
                    + ProtoWriter.nestedSize(InputMessage.SHAPE, shapeSize);
            return raw ? size : Math.addExact(size, ProtoWriter.nestedSize(InputMessage.CONTENTS, allContents));
        }
    }

    /** @param asBytes whether outputs are wanted as raw_output_contents; those of 16-bit floats cannot be sent otherwise */
    InferAnswer(InferenceService.Response response, boolean asBytes) {
        this.model = ProtoWriter.utf8(response.model());
        this.version = ProtoWriter.utf8(response.version());
        this.id = ProtoWriter.utf8(response.id());
        boolean bytes = asBytes;
        for (var tensor : response.outputs().values()) {
            bytes |= InputMessage.field(tensor.dtype()) == 0;
        }
        this.raw = bytes;
        this.outputs = new Output[response.outputs().size()];
        int i = 0;
        for (var output : response.outputs().entrySet()) {
            outputs[i++] = output(output, raw);
        }
    }

    /** An answer without outputs. */
    static InferAnswer empty(String id) {
        return new InferAnswer(new InferenceService.Response("", "", id, Map.of()), false);
    }

    private static Output output(Map.Entry<String, Tensor> output, boolean raw) {
        var tensor = output.getValue();
        int shapeSize = 0;
        for (long size : tensor.shape()) {
            shapeSize += ProtoWriter.varintSize(size);
        }
        int field = InputMessage.field(tensor.dtype());
        int packed = 0;
        int all = 0;
        if (raw) {
            all = RawTensors.size(tensor);
        } else {
            switch (tensor) {
                case Tensor.Numeric numeric -> {
                    packed = ProtoWriter.packedSize(numeric.dtype(), numeric.data());
                    all = ProtoWriter.nestedSize(field, packed);
                }
                case Tensor.Strings strings -> {
                    for (var value : strings.values()) {
                        all = Math.addExact(all, ProtoWriter.nestedSize(field, value.length));
                    }
                }
            }
        }
        return new Output(
                ProtoWriter.utf8(output.getKey()),
                ProtoWriter.utf8(tensor.dtype().v2Name()),
                tensor,
                shapeSize,
                field,
                packed,
                all);
    }

    @Override
    public int size() {
        int size = textSize(MODEL_NAME, model) + textSize(MODEL_VERSION, version) + textSize(ID, id);
        for (var output : outputs) {
            size = Math.addExact(size, ProtoWriter.nestedSize(OUTPUTS, output.size(raw)));
            if (raw) {
                size = Math.addExact(size, ProtoWriter.nestedSize(RAW_CONTENTS, output.allContents));
            }
        }
        return size;
    }

    private static int textSize(int field, byte[] text) {
        return text.length == 0 ? 0 : ProtoWriter.nestedSize(field, text.length);
    }

    @Override
    public void write(ProtoWriter out) throws IOException {
        text(out, MODEL_NAME, model);
        text(out, MODEL_VERSION, version);
        text(out, ID, id);
        for (var output : outputs) {
            out.nested(OUTPUTS, output.size(raw));
            out.string(InputMessage.NAME, output.name).string(InputMessage.DATATYPE, output.datatype);
            out.nested(InputMessage.SHAPE, output.shapeSize);
            for (long size : output.tensor.shape()) {
                out.number(size);
            }
            if (!raw) {
                out.nested(InputMessage.CONTENTS, output.allContents);
                contents(output, out);
            }
        }
        if (raw) {
            for (var output : outputs) {
                out.nested(RAW_CONTENTS, output.allContents);
                bytes(output.tensor, out);
            }
        }
    }

    private static void text(ProtoWriter out, int field, byte[] text) throws IOException {
        if (text.length > 0) {
            out.string(field, text);
        }
    }

    private static void contents(Output output, ProtoWriter out) throws IOException {
        switch (output.tensor) {
            case Tensor.Numeric numeric ->
                out.nested(output.contents, output.contentsSize).packed(numeric.dtype(), numeric.data());
            case Tensor.Strings strings -> {
                for (var value : strings.values()) {
                    out.string(output.contents, value);
                }
            }
        }
    }

    private static void bytes(Tensor tensor, ProtoWriter out) throws IOException {
        switch (tensor) {
            case Tensor.Numeric numeric -> out.raw(numeric.data());
            case Tensor.Strings strings -> {
                for (var value : strings.values()) {
                    out.fixed32(value.length).bytes(value);
                }
            }
        }
    }
}
