package dev.sampan.serving.rest;

import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.servable.VersionStatus;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The answers to status and metadata requests, as protobuf's JSON mapping writes TensorFlow Serving's messages. */
final class StatusDocuments {
    private StatusDocuments() {}

    static ByteBuffer status(List<VersionStatus> statuses) {
        var root = JsonNodeFactory.instance.objectNode();
        var versions = root.putArray("model_version_status");
        for (var status : statuses) {
            var version = versions.addObject();
            version.put("version", Long.toString(status.version()));
            version.put("state", status.state().name());
            version.putObject("status").put("error_code", status.code().name()).put("error_message", status.message());
        }
        return text(root);
    }

    static ByteBuffer metadata(ServableHandle handle) {
        var root = JsonNodeFactory.instance.objectNode();
        root.putObject("model_spec")
                .put("name", handle.modelName())
                .put("signature_name", "")
                .put("version", Long.toString(handle.version()));
        var signatures = root.putObject("metadata").putObject("signature_def").putObject("signature_def");
        handle.model().signatures().forEach((name, signature) -> signature(signatures.putObject(name), signature));
        return text(root);
    }

    private static void signature(ObjectNode node, Signature signature) {
        var inputs = node.putObject("inputs");
        signature.inputs().forEach(spec -> tensor(inputs.putObject(spec.name()), spec));
        var outputs = node.putObject("outputs");
        signature.outputs().forEach(spec -> tensor(outputs.putObject(spec.name()), spec));
        node.put("method_name", signature.method());
    }

    private static void tensor(ObjectNode node, TensorSpec spec) {
        node.put("dtype", spec.dtype().tensorFlowName());
        var shape = node.putObject("tensor_shape");
        var dimensions = shape.putArray("dim");
        for (long size : spec.shape()) {
            dimensions.addObject().put("size", Long.toString(size)).put("name", "");
        }
        shape.put("unknown_rank", spec.anyRank());
        node.put("name", spec.name());
    }

    private static ByteBuffer text(ObjectNode root) {
        return ByteBuffer.wrap(
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
    }
}
