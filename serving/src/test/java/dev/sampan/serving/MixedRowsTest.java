package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.serving.proto.DataType;
import dev.sampan.serving.proto.ModelSpec;
import dev.sampan.serving.proto.PredictRequest;
import dev.sampan.serving.proto.PredictionServiceGrpc;
import dev.sampan.serving.proto.TensorProto;
import dev.sampan.serving.proto.TensorShapeProto;
import io.grpc.netty.NettyChannelBuilder;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model that quantizes by the range of its whole batch answers a client by that client's own values alone, unless its
 * operator has asked for batches of this very model.
 */
class MixedRowsTest {
    /** Two requests of one row are a batch; one waits for the other as long as a test may take. */
    private static final String PAIRS = """
            max_batch_size { value: 2 }
            batch_timeout_micros { value: 60000000 }
            num_batch_threads { value: 1 }
            """;

    @TempDir
    Path folder;

    private List<String> flags = List.of();

    @BeforeEach
    void models() throws Exception {
        TestModels.write(folder.resolve("m"), 1, TestModels.quantizedByRange());
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        flags = List.of(
                "--port=" + port,
                "--bind_address=127.0.0.1",
                "--drain_seconds=0",
                "--model_name=m",
                "--model_base_path=" + folder.resolve("m"),
                "--enable_per_model_batching_parameters",
                "--batching_parameters_file=" + Files.writeString(folder.resolve("batching.pbtxt"), PAIRS));
    }

    @Test
    void requestsOfDifferentClientsRunByThemselves() throws Exception {
        assertThat(smallBesideLarge()).isBetween(0.24f, 0.26f);
    }

    @Test
    void parametersOfTheModelItselfLetThemShareARun() throws Exception {
        Files.writeString(folder.resolve("m/1/batching_params.pbtxt"), PAIRS);
        assertThat(smallBesideLarge()).isZero();
    }

    /** What 0.25 becomes while another client sends 1000. */
    private float smallBesideLarge() throws Exception {
        try (var server = new ModelServer(ServerFlags.parse(flags, Map.of(), warning -> {})).start()) {
            var channel = NettyChannelBuilder.forTarget(server.grpcTarget())
                    .usePlaintext()
                    .build();
            try {
                var stub = PredictionServiceGrpc.newFutureStub(channel);
                var small = stub.predict(request(0.25f));
                var large = stub.predict(request(1000));
                assertThat(value(large.get(30, TimeUnit.SECONDS).getOutputsOrThrow("y")))
                        .isBetween(999f, 1001f);
                return value(small.get(30, TimeUnit.SECONDS).getOutputsOrThrow("y"));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static float value(TensorProto tensor) {
        return tensor.getFloatVal(0);
    }

    private static PredictRequest request(float value) {
        var one = TensorShapeProto.Dim.newBuilder().setSize(1);
        return PredictRequest.newBuilder()
                .setModelSpec(ModelSpec.newBuilder().setName("m"))
                .putInputs(
                        "x",
                        TensorProto.newBuilder()
                                .setDtype(DataType.DT_FLOAT)
                                .setTensorShape(TensorShapeProto.newBuilder()
                                        .addDim(one)
                                        .addDim(one))
                                .addFloatVal(value)
                                .build())
                .build();
    }
}
