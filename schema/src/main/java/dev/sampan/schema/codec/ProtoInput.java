package dev.sampan.schema.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads protobuf's wire format from a range of bytes. */
final class ProtoInput {

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private final byte[] bytes;
    private final int end;
    private int at;

    ProtoInput(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    ProtoInput(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.at = start;
        this.end = end;
    }

    boolean hasMore() {
        return at < end;
    }

    /** Field number and wire type in one, as on the wire. */
    int tag() {
        var tag = varint();
        if (tag >>> 3 == 0 || tag >>> 3 > 0x1fff_ffff) {
            throw new DecodeException("proto: illegal tag " + tag);
        }
        return (int) tag;
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            var b = next();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new DecodeException("proto: integer overflow");
    }

    private byte next() {
        if (at >= end) {
            throw new DecodeException("unexpected EOF");
        }
        return bytes[at++];
    }

    long fixed64() {
        long value = 0;
        for (int i = 0; i < 64; i += 8) {
            value |= (long) (next() & 0xff) << i;
        }
        return value;
    }

    /** A message, a string or packed numbers. */
    ProtoInput message() {
        var length = varint();
        if (length < 0 || length > end - at) {
            throw new DecodeException("unexpected EOF");
        }
        var inner = new ProtoInput(bytes, at, at + (int) length);
        at += (int) length;
        return inner;
    }

    byte[] rest() {
        var rest = Arrays.copyOfRange(bytes, at, end);
        at = end;
        return rest;
    }

    String string() {
        var inner = message();
        return new String(inner.bytes, inner.at, inner.end - inner.at, StandardCharsets.UTF_8);
    }

    void skip(int wire) {
        switch (wire) {
            case VARINT -> {
                var unused = varint();
            }
            case FIXED64 -> {
                var unused = fixed64();
            }
            case BYTES -> {
                var unused = message();
            }
            case FIXED32 -> {
                for (int i = 0; i < 4; i++) {
                    var unused = next();
                }
            }
            default -> throw new DecodeException("proto: illegal wireType " + wire);
        }
    }
}
