package dev.sampan.schema.codec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes protobuf's wire format; a message inside is written to an output of its own first. */
public final class ProtoOutput {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public void varint(int number, long value) {
        raw((long) number << 3 | ProtoInput.VARINT);
        raw(value);
    }

    public void fixed64(int number, long value) {
        raw((long) number << 3 | ProtoInput.FIXED64);
        for (int i = 0; i < 64; i += 8) {
            bytes.write((int) (value >>> i));
        }
    }

    public void bytes(int number, byte[] value) {
        raw((long) number << 3 | ProtoInput.BYTES);
        raw(value.length);
        bytes.writeBytes(value);
    }

    public void string(int number, String value) {
        bytes(number, value.getBytes(StandardCharsets.UTF_8));
    }

    public void message(int number, ProtoOutput value) {
        bytes(number, value.toByteArray());
    }

    private void raw(long value) {
        var rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    public byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
