package dev.sampan.serving.grpc;

import com.google.protobuf.Int64Value;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.proto.DataType;
import dev.sampan.serving.proto.SignatureDef;
import dev.sampan.serving.proto.TensorInfo;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.TensorSpec;

/** Model specs and signatures as messages. */
final class Specs {
    private Specs() {}

    static ModelSpec read(dev.sampan.serving.proto.ModelSpec spec) {
        if (spec.getName().isEmpty()) {
            throw ServingException.invalid("ModelSpec has no name.");
        }
        return switch (spec.getVersionChoiceCase()) {
            case VERSION -> ModelSpec.version(spec.getName(), spec.getVersion().getValue());
            case VERSION_LABEL -> ModelSpec.label(spec.getName(), spec.getVersionLabel());
            case VERSIONCHOICE_NOT_SET -> ModelSpec.latest(spec.getName());
        };
    }

    /** What actually answered. */
    static dev.sampan.serving.proto.ModelSpec write(ServableHandle handle, String signature) {
        return dev.sampan.serving.proto.ModelSpec.newBuilder()
                .setName(handle.modelName())
                .setVersion(Int64Value.of(handle.version()))
                .setSignatureName(signature)
                .build();
    }

    static SignatureDef write(Signature signature) {
        var proto = SignatureDef.newBuilder().setMethodName(signature.method());
        signature.inputs().forEach(spec -> proto.putInputs(spec.name(), info(spec)));
        signature.outputs().forEach(spec -> proto.putOutputs(spec.name(), info(spec)));
        return proto.build();
    }

    private static TensorInfo info(TensorSpec spec) {
        return TensorInfo.newBuilder()
                .setName(spec.name())
                .setDtype(DataType.forNumber(spec.dtype().number()))
                .setTensorShape(TensorProtos.shape(spec.shape()).toBuilder().setUnknownRank(spec.anyRank()))
                .build();
    }
}
