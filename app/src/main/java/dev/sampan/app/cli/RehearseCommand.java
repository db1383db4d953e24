package dev.sampan.app.cli;

import dev.sampan.app.cluster.AdminClient;
import dev.sampan.app.cluster.Cluster;
import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.JavaLauncher;
import dev.sampan.app.cluster.Ports;
import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.DataSource;
import dev.sampan.node.files.Trees;
import dev.sampan.serving.ModelServer;
import dev.sampan.serving.ServerFlags;
import dev.sampan.serving.client.PredictClient;
import dev.sampan.serving.proto.DataType;
import dev.sampan.serving.proto.ModelSpec;
import dev.sampan.serving.proto.PredictRequest;
import dev.sampan.serving.proto.PredictionServiceGrpc;
import dev.sampan.serving.proto.TensorProto;
import dev.sampan.serving.proto.TensorShapeProto;
import dev.sampan.store.EtcdStore;
import dev.sampan.store.StoreException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Does once, in this one process, what the server and the programs of pods do: the build runs it so that the JVM can keep the
 * classes it loaded, already linked, in a cache that later starts map into memory ({@code java -XX:AOTCacheOutput}).
 */
@Command(name = "rehearse", hidden = true)
final class RehearseCommand implements Callable<Integer> {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int PREDICTIONS = 50;

    private enum Play {
        MODELS,
        CLUSTER
    }

    @Parameters(paramLabel = "PLAY", description = "What to rehearse: ${COMPLETION-CANDIDATES}")
    private Play play = Play.CLUSTER;

    @Override
    public Integer call() throws Exception {
        var folder = Files.createTempDirectory("sampan-rehearsal");
        try {
            switch (play) {
                case MODELS -> models(folder);
                case CLUSTER -> {
                    etcd();
                    cluster(new Home(folder.resolve("home")));
                }
            }
        } finally {
            Trees.delete(folder);
        }
        return 0;
    }

    private static void models(Path folder) throws Exception {
        var checkpoint = folder.resolve("checkpoint").toString();
        var model = folder.resolve("digits");
        var file = model.resolve("1").resolve("model.onnx").toString();
        Commands.run("train", "--data=digits", "--epochs=2", "--out=" + checkpoint);
        Commands.run("convert", "--in=" + checkpoint, "--out=" + file);
        Commands.run("evaluate", "--model=" + file, "--data=digits", "--min-accuracy=0.5");
        var flags = List.of(
                "--rest_api_port=" + Ports.freeOr(0),
                "--port=" + Ports.freeOr(0),
                "--model_name=digits",
                "--model_base_path=" + model);
        var options = ServerFlags.parse(flags, Map.of(), warning -> {});
        try (var server = new ModelServer(options).start();
                var client = new PredictClient(server.restUri(), "digits", null, TIMEOUT)) {
            var heldOut = DataSource.open(DataOptions.of("digits")).heldOut();
            for (int i = 0; i < PREDICTIONS; i++) {
                client.predict(new float[][] {heldOut.row(i)});
            }
            overGrpc(server.grpcTarget(), heldOut.row(0));
        }
    }

    private static void overGrpc(String target, float[] row) {
        var tensor = TensorProto.newBuilder()
                .setDtype(DataType.DT_FLOAT)
                .setTensorShape(TensorShapeProto.newBuilder()
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(1))
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(row.length)));
        for (float value : row) {
            tensor.addFloatVal(value);
        }
        var request = PredictRequest.newBuilder()
                .setModelSpec(ModelSpec.newBuilder().setName("digits"))
                .putInputs("inputs", tensor.build())
                .build();
        var channel = Grpc.newChannelBuilder(target, InsecureChannelCredentials.create())
                .build();
        try {
            var stub = PredictionServiceGrpc.newBlockingStub(channel);
            for (int i = 0; i < PREDICTIONS; i++) {
                stub.predict(request);
            }
        } finally {
            channel.shutdownNow();
        }
    }

    /** Loads what asks etcd, though there is none. */
    private static void etcd() throws IOException {
        var nobody = URI.create("http://127.0.0.1:" + Ports.freeOr(0));
        try (var store = EtcdStore.open(EtcdStore.Options.of(nobody))) {
            store.snapshot();
        } catch (StoreException e) {
            System.err.println("As expected: " + e.getMessage());
        }
    }

    private static void cluster(Home home) throws Exception {
        var ports = new Ports(Ports.freeOr(0), Ports.freeOr(0), Ports.freeOr(0), Ports.freeOr(0));
        try (var cluster = Cluster.start(home, ports, JavaLauncher.ofThisProcess());
                var client = AdminClient.open(home)) {
            cluster.announce();
            var pod = client.resource(pod()).inNamespace("default").create();
            client.resource(pod).waitUntilCondition(RehearseCommand::ended, TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            client.pods()
                    .inNamespace("default")
                    .withName(pod.getMetadata().getName())
                    .getLog();
            client.resource(pod).delete();
            client.pods().inAnyNamespace().list();
        } catch (KubernetesClientException e) {
            // A host that cannot run a pod still gets a cache of everything before it.
            System.err.println("The rehearsal ended early: " + e.getMessage());
        }
    }

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withName("rehearsal")
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("main")
                .withImage("busybox")
                .withCommand("sh", "-c", "echo ready")
                .endContainer()
                .endSpec()
                .build();
    }

    private static boolean ended(Pod pod) {
        return pod != null
                && List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase());
    }
}
