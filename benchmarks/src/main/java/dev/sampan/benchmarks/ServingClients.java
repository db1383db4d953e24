package dev.sampan.benchmarks;

import com.google.protobuf.ByteString;
import dev.sampan.serving.proto.DataType;
import dev.sampan.serving.proto.ModelSpec;
import dev.sampan.serving.proto.PredictRequest;
import dev.sampan.serving.proto.PredictionServiceGrpc;
import dev.sampan.serving.proto.TensorProto;
import dev.sampan.serving.proto.TensorShapeProto;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Clients that send the same request again and again and look at the size of the answer only. */
final class ServingClients {
    private ServingClients() {}

    /** One client's connection. */
    interface Client extends AutoCloseable {
        /** Sends a request and waits for its answer. */
        void call() throws IOException;

        @Override
        void close();
    }

    private static float[] pixels(int rows) {
        var random = new SplittableRandom(3);
        var pixels = new float[rows * ServingModels.PIXELS];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextInt(256) / 256f;
        }
        return pixels;
    }

    /** TensorFlow Serving's Predict with {@code tensor_content}. */
    static Client grpc(int port, String model, int rows) throws IOException {
        return new GrpcSocket(
                port,
                "/" + PredictionServiceGrpc.getPredictMethod().getFullMethodName(),
                predictRequest(model, rows).toByteArray());
    }

    /** The same request to the {@link EchoServer}. */
    static Client echo(int port, int rows) throws IOException {
        return new GrpcSocket(
                port,
                "/" + EchoServer.SERVICE + "/" + EchoServer.METHOD,
                predictRequest("mlp", rows).toByteArray());
    }

    private static PredictRequest predictRequest(String model, int rows) {
        var bytes =
                ByteBuffer.allocate(rows * ServingModels.PIXELS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float pixel : pixels(rows)) {
            bytes.putFloat(pixel);
        }
        var shape = TensorShapeProto.newBuilder()
                .addDim(TensorShapeProto.Dim.newBuilder().setSize(rows))
                .addDim(TensorShapeProto.Dim.newBuilder().setSize(ServingModels.PIXELS));
        return PredictRequest.newBuilder()
                .setModelSpec(ModelSpec.newBuilder().setName(model))
                .putInputs(
                        "inputs",
                        TensorProto.newBuilder()
                                .setDtype(DataType.DT_FLOAT)
                                .setTensorShape(shape)
                                .setTensorContent(ByteString.copyFrom(bytes.flip()))
                                .build())
                .build();
    }

    /** TensorFlow Serving's REST predict, over a connection that is kept; pixels with three digits. */
    static Client rest(int port, String model, int rows) throws IOException {
        var body = new StringBuilder("{\"instances\":[");
        var pixels = pixels(rows);
        for (int row = 0; row < rows; row++) {
            body.append(row == 0 ? "[" : ",[");
            for (int i = 0; i < ServingModels.PIXELS; i++) {
                int thousandth = (int) (pixels[row * ServingModels.PIXELS + i] * 1000);
                body.append(i == 0 ? "0." : ",0.").append("%03d".formatted(thousandth));
            }
            body.append(']');
        }
        body.append("]}");
        var request = ("POST /v1/models/" + model + ":predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
        var socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        return new RestClient(socket, request);
    }

    private static final class RestClient implements Client {
        private static final String LENGTH = "content-length:";

        private final Socket socket;
        private final BufferedInputStream in;
        private final byte[] request;

        RestClient(Socket socket, byte[] request) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            this.request = request;
        }

        @Override
        public void call() throws IOException {
            socket.getOutputStream().write(request);
            if (!line().contains(" 200 ")) {
                throw new IOException("a wrong answer");
            }
            int length = 0;
            for (var header = line(); !header.isEmpty(); header = line()) {
                if (header.regionMatches(true, 0, LENGTH, 0, LENGTH.length())) {
                    length = Integer.parseInt(header.substring(LENGTH.length()).strip());
                }
            }
            in.skipNBytes(length);
        }

        private String line() throws IOException {
            var line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new IOException("the server closed the connection");
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
