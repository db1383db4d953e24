package dev.sampan.serving.grpc;

import dev.sampan.serving.wire.ProtoReader;
import dev.sampan.serving.wire.ProtoWriter;
import java.io.IOException;

/** TensorFlow Serving's {@code ModelSpec} on the wire. */
final class SpecMessage {
    static final int NAME = 1;
    static final int VERSION = 2;
    static final int SIGNATURE = 3;
    static final int LABEL = 4;
    private static final int VALUE = 1;

    private SpecMessage() {}

    static long int64Value(ProtoReader in) {
        int outer = in.enter();
        long value = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (ProtoReader.number(tag) == VALUE) {
                value = in.varint();
            } else {
                in.skip(tag);
            }
        }
        in.leave(outer);
        return value;
    }

    /** Writes what answered. */
    static void write(ProtoWriter out, byte[] name, long version, byte[] signature) throws IOException {
        out.string(NAME, name);
        out.nested(VERSION, ProtoWriter.varintFieldSize(VALUE, version)).varint(VALUE, version);
        out.string(SIGNATURE, signature);
    }

    /** What {@link #write} takes. */
    static int size(byte[] name, long version, byte[] signature) {
        return ProtoWriter.nestedSize(NAME, name.length)
                + ProtoWriter.nestedSize(VERSION, ProtoWriter.varintFieldSize(VALUE, version))
                + ProtoWriter.nestedSize(SIGNATURE, signature.length);
    }
}
