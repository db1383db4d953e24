package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.sampan.serving.proto.PredictRequest;
import dev.sampan.serving.v2.proto.ModelInferRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client in Python, with grpcio and numpy of Debian, over both protocols. */
class PythonClientTest {
    private static final String PYTHON = "/usr/bin/python3";

    @TempDir
    Path folder;

    private record Run(int code, String output) {}

    @Test
    void pythonGetsWhatNumpyComputes() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of(PYTHON)) && run("-c", "import grpc, numpy, google.protobuf").code == 0,
                "python3-grpcio, python3-protobuf and python3-numpy are needed");
        TestModels.write(folder.resolve("sum"), 1, TestModels.sumAndProduct());
        var script = folder.resolve("client.py");
        try (var source = Objects.requireNonNull(PythonClientTest.class.getResourceAsStream("client.py"))) {
            Files.copy(source, script);
        }
        var descriptors =
                Files.write(folder.resolve("descriptors"), descriptors().toByteArray());
        try (var server = new ModelServer(ServerOptions.local("sum", folder.resolve("sum"))).start()) {
            var run = run(
                    script.toString(),
                    descriptors.toString(),
                    server.grpcTarget(),
                    server.restUri().toString());
            assertThat(run.output).contains("python agrees");
            assertThat(run.code).isZero();
        }
    }

    private static FileDescriptorSet descriptors() {
        var set = FileDescriptorSet.newBuilder();
        var seen = new HashSet<String>();
        add(PredictRequest.getDescriptor().getFile(), set, seen);
        add(ModelInferRequest.getDescriptor().getFile(), set, seen);
        return set.build();
    }

    /** A file after those that it imports. */
    private static void add(FileDescriptor file, FileDescriptorSet.Builder set, Set<String> seen) {
        if (seen.add(file.getFullName())) {
            file.getDependencies().forEach(dependency -> add(dependency, set, seen));
            set.addFile(file.toProto());
        }
    }

    private static Run run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(PYTHON));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }
}
