package dev.sampan.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that knows no {@code .proto} file and asks the server for them, as grpcurl does. */
class ReflectionTest {
    @TempDir
    Path folder;

    @Test
    void aClientWithoutProtoFilesFindsServicesAndCallsThem() throws Exception {
        TestModels.write(folder.resolve("sum"), 1, TestModels.sumAndProduct());
        try (var server = new ModelServer(ServerOptions.local("sum", folder.resolve("sum"))).start()) {
            var channel = Grpc.newChannelBuilder(server.grpcTarget(), InsecureChannelCredentials.create())
                    .build();
            try {
                assertThat(services(channel))
                        .contains(
                                "tensorflow.serving.PredictionService",
                                "tensorflow.serving.ModelService",
                                "inference.GRPCInferenceService",
                                "grpc.health.v1.Health");
                var answer = call(channel, "inference.GRPCInferenceService", "ModelInfer", """
                        model_name: "sum"
                        inputs { name: "a" datatype: "FP32" shape: 1 shape: 2 contents { fp32_contents: 1 fp32_contents: 2 } }
                        inputs { name: "b" datatype: "FP32" shape: 1 shape: 2 contents { fp32_contents: 3 fp32_contents: 4 } }
                        outputs { name: "product" }
                        """);
                assertThat(answer).contains("fp32_contents: 3.0", "fp32_contents: 8.0");
                assertThat(call(
                                channel,
                                "tensorflow.serving.ModelService",
                                "GetModelStatus",
                                "model_spec { name: \"sum\" }"))
                        .contains("state: AVAILABLE");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static List<String> services(Channel channel) throws Exception {
        return ask(
                        channel,
                        ServerReflectionRequest.newBuilder().setListServices("").build())
                .getListServicesResponse()
                .getServiceList()
                .stream()
                .map(service -> service.getName())
                .toList();
    }

    private static ServerReflectionResponse ask(Channel channel, ServerReflectionRequest request) throws Exception {
        var answer = new CompletableFuture<ServerReflectionResponse>();
        var requests = ServerReflectionGrpc.newStub(channel).serverReflectionInfo(new StreamObserver<>() {
            @Override
            public void onNext(ServerReflectionResponse response) {
                answer.complete(response);
            }

            @Override
            public void onError(Throwable cause) {
                answer.completeExceptionally(cause);
            }

            @Override
            public void onCompleted() {
                answer.completeExceptionally(new IllegalStateException("no answer"));
            }
        });
        requests.onNext(request);
        var response = answer.get(10, TimeUnit.SECONDS);
        requests.onCompleted();
        return response;
    }

    private static String call(Channel channel, String service, String method, String text) throws Exception {
        var response = ask(
                channel,
                ServerReflectionRequest.newBuilder()
                        .setFileContainingSymbol(service)
                        .build());
        var files = new HashMap<String, FileDescriptorProto>();
        var names = new ArrayList<String>();
        for (var bytes : response.getFileDescriptorResponse().getFileDescriptorProtoList()) {
            var file = parse(bytes);
            files.put(file.getName(), file);
            names.add(file.getName());
        }
        var built = new HashMap<String, FileDescriptor>();
        for (var name : names) {
            build(channel, name, files, built);
        }
        var descriptor = built.values().stream()
                .flatMap(file -> file.getServices().stream())
                .filter(found -> found.getFullName().equals(service))
                .findFirst()
                .orElseThrow()
                .findMethodByName(method);
        var request = DynamicMessage.newBuilder(descriptor.getInputType());
        TextFormat.merge(text, request);
        return ClientCalls.blockingUnaryCall(
                        channel,
                        MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                                .setType(MethodDescriptor.MethodType.UNARY)
                                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                                .setRequestMarshaller(marshaller(descriptor.getInputType()))
                                .setResponseMarshaller(marshaller(descriptor.getOutputType()))
                                .build(),
                        CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
                        request.build())
                .toString();
    }

    private static MethodDescriptor.Marshaller<DynamicMessage> marshaller(Descriptor type) {
        return ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(type));
    }

    private static FileDescriptorProto parse(com.google.protobuf.ByteString bytes)
            throws InvalidProtocolBufferException {
        return FileDescriptorProto.parseFrom(bytes);
    }

    /** A file after those that it imports, which the server is asked for where it has not sent them. */
    private static FileDescriptor build(
            Channel channel, String name, Map<String, FileDescriptorProto> files, Map<String, FileDescriptor> built)
            throws Exception {
        var known = built.get(name);
        if (known != null) {
            return known;
        }
        if (!files.containsKey(name)) {
            var response = ask(
                    channel,
                    ServerReflectionRequest.newBuilder().setFileByFilename(name).build());
            for (var bytes : response.getFileDescriptorResponse().getFileDescriptorProtoList()) {
                var file = parse(bytes);
                files.put(file.getName(), file);
            }
        }
        var proto = Objects.requireNonNull(files.get(name), name);
        var imports = new ArrayList<FileDescriptor>();
        for (var dependency : proto.getDependencyList()) {
            imports.add(build(channel, dependency, files, built));
        }
        try {
            var file = FileDescriptor.buildFrom(proto, imports.toArray(FileDescriptor[]::new));
            built.put(name, file);
            return file;
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException(name + " is not what it should be", e);
        }
    }
}
