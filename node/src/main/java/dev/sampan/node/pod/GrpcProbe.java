package dev.sampan.node.pod;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The gRPC health check ({@code grpc.health.v1.Health/Check}) without TLS. One request needs so little of HTTP/2 (RFC
 * 9113) that it is written out here: a SETTINGS, a HEADERS with literal fields, a DATA frame, and reading DATA back.
 */
final class GrpcProbe {

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int LARGEST_FRAME = 1 << 20;
    private static final int SERVING = 1;

    private GrpcProbe() {}

    static ProbeRunner.Outcome check(String host, int port, String service, Duration timeout) {
        int millis = (int) timeout.toMillis();
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), millis);
            socket.setSoTimeout(millis);
            var out = new DataOutputStream(new java.io.BufferedOutputStream(socket.getOutputStream()));
            request(out, host + ":" + port, service);
            return answer(new DataInputStream(socket.getInputStream()), out);
        } catch (java.net.SocketTimeoutException e) {
            return new ProbeRunner.Outcome(
                    false, "timeout: health rpc did not complete within " + timeout.toSeconds() + "s");
        } catch (IOException e) {
            return new ProbeRunner.Outcome(false, "service unhealthy: " + ProbeRunner.dial(host, port, e));
        }
    }

    private static void request(DataOutputStream out, String authority, String service) throws IOException {
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(out, SETTINGS, 0, 0, new byte[0]);
        var fields = new ByteArrayOutputStream();
        literal(fields, ":method", "POST");
        literal(fields, ":scheme", "http");
        literal(fields, ":path", "/grpc.health.v1.Health/Check");
        literal(fields, ":authority", authority);
        literal(fields, "content-type", "application/grpc");
        literal(fields, "te", "trailers");
        literal(fields, "user-agent", "kube-probe/1.36");
        frame(out, HEADERS, END_HEADERS, 1, fields.toByteArray());
        var name = service.getBytes(StandardCharsets.UTF_8);
        var message = new ByteArrayOutputStream();
        if (name.length > 0) {
            message.write(0x0a); // field 1, a string
            message.write(name.length);
            message.write(name);
        }
        var body = new ByteArrayOutputStream();
        body.write(0); // not compressed
        body.write(new byte[] {0, 0, 0, (byte) message.size()});
        message.writeTo(body);
        frame(out, DATA, END_STREAM, 1, body.toByteArray());
        out.flush();
    }

    /** A header field without indexing and without Huffman coding (RFC 7541, 6.2.2). */
    private static void literal(ByteArrayOutputStream out, String name, String value) {
        out.write(0);
        out.write(name.length());
        out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        out.write(value.length());
        out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
            throws IOException {
        out.writeByte(payload.length >> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }

    private static ProbeRunner.Outcome answer(DataInputStream in, DataOutputStream out) throws IOException {
        var message = new ByteArrayOutputStream();
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt() & Integer.MAX_VALUE;
            if (length > LARGEST_FRAME) {
                throw new EOFException("not an HTTP/2 server");
            }
            var payload = in.readNBytes(length);
            if (type == SETTINGS && (flags & ACK) == 0) {
                frame(out, SETTINGS, ACK, 0, new byte[0]);
                out.flush();
            } else if (type == PING && (flags & ACK) == 0) {
                frame(out, PING, ACK, 0, payload);
                out.flush();
            } else if (type == DATA && stream == 1) {
                message.write(payload);
            }
            boolean ended = stream == 1 && (flags & END_STREAM) != 0 && (type == DATA || type == HEADERS);
            if (ended || type == GOAWAY || (type == RST_STREAM && stream == 1)) {
                return verdict(message.toByteArray());
            }
        }
    }

    /** HealthCheckResponse: field 1, an enum; five bytes of gRPC framing before it. */
    private static ProbeRunner.Outcome verdict(byte[] message) {
        if (message.length < 5) {
            return new ProbeRunner.Outcome(
                    false,
                    "service unhealthy: this server does not implement the gRPC health protocol"
                            + " (grpc.health.v1.Health) or does not know the service");
        }
        int status = message.length >= 7 && message[5] == 0x08 ? message[6] : 0;
        return switch (status) {
            case SERVING -> ProbeRunner.Outcome.OK;
            case 2 -> new ProbeRunner.Outcome(false, "service unhealthy (responded with \"NOT_SERVING\")");
            default -> new ProbeRunner.Outcome(false, "service unhealthy (responded with \"UNKNOWN\")");
        };
    }
}
