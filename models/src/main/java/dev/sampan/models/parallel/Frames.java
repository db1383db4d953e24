package dev.sampan.models.parallel;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;

/**
 * One connection of a job: frames of {@code int length, byte type, content}, big-endian, after an opening that only a
 * worker of the same job can make. Every length is checked before it is believed.
 */
final class Frames implements AutoCloseable {
    private static final long MAGIC = 0x53414d50414e5452L; // "SAMPANTR"
    private static final short VERSION = 1;
    private static final int MAX_TEXT = 4096;
    private static final byte HELLO = 1;
    private static final byte WELCOME = 2;
    private static final byte REFUSED = 3;
    private static final byte SUMS = 4;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    /** What a worker says first. */
    record Hello(short version, byte[] job, int rank, int size) {
        boolean sameJob(byte[] other) {
            return MessageDigest.isEqual(job, other);
        }
    }

    Frames(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
    }

    /** Identity of a job: who takes part, and everything that must be the same in all of them. */
    static byte[] jobId(String jobName, String settings) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return digest.digest((jobName + "\n" + settings).getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Fails a read after this time with a {@link SocketTimeoutException}. */
    void timeout(Duration timeout) throws IOException {
        socket.setSoTimeout((int) Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE));
    }

    void hello(byte[] job, int rank, int size) throws IOException {
        var content = ByteBuffer.allocate(8 + 2 + job.length + 8);
        content.putLong(MAGIC).putShort(VERSION).put(job).putInt(rank).putInt(size);
        write(HELLO, content.array());
    }

    /** Reads the opening of a peer that nothing is known of yet. */
    Hello readHello() throws IOException {
        int length = in.readInt();
        if (length != 1 + 8 + 2 + 32 + 8 || in.readByte() != HELLO || in.readLong() != MAGIC) {
            throw new IOException("it does not speak the trainer's protocol");
        }
        return new Hello(in.readShort(), in.readNBytes(32), in.readInt(), in.readInt());
    }

    static short version() {
        return VERSION;
    }

    void refuse(String reason) throws IOException {
        write(REFUSED, reason.getBytes(StandardCharsets.UTF_8));
    }

    void welcome(byte[] state) throws IOException {
        write(WELCOME, state);
    }

    /** Worker 0's state, of the same length as ours. */
    byte[] readWelcome(int expectedLength) throws IOException {
        int length = in.readInt() - 1;
        byte type = in.readByte();
        if (type == REFUSED && length >= 0 && length <= MAX_TEXT) {
            throw new RefusedException(new String(in.readNBytes(length), StandardCharsets.UTF_8));
        }
        if (type != WELCOME || length != expectedLength) {
            throw new IOException("unexpected answer to the opening (type " + type + ", " + length + " bytes)");
        }
        return readFully(length);
    }

    void sums(long step, float[] values, ByteBuffer buffer) throws IOException {
        buffer.clear().putLong(step);
        buffer.asFloatBuffer().put(values);
        write(SUMS, buffer.array());
    }

    /** Fills {@code values}; {@code buffer} is scratch space of their size plus a long. */
    void readSums(long step, float[] values, ByteBuffer buffer) throws IOException {
        int length = in.readInt() - 1;
        byte type = in.readByte();
        if (type != SUMS || length != buffer.capacity()) {
            throw new IOException("unexpected frame (type " + type + ", " + length + " bytes)");
        }
        in.readFully(buffer.array());
        long got = buffer.getLong(0);
        if (got != step) {
            throw new IOException("it is at step " + got + ", not " + step);
        }
        buffer.clear().position(Long.BYTES);
        buffer.asFloatBuffer().get(values);
    }

    static ByteBuffer sumsBuffer(int values) {
        return ByteBuffer.allocate(Math.addExact(Long.BYTES, Math.multiplyExact(Float.BYTES, values)));
    }

    private byte[] readFully(int length) throws IOException {
        var bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private void write(byte type, byte[] content) throws IOException {
        out.writeInt(content.length + 1);
        out.writeByte(type);
        out.write(content);
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
