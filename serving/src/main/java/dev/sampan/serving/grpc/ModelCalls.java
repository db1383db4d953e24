package dev.sampan.serving.grpc;

import dev.sampan.serving.config.ModelAdmin;
import dev.sampan.serving.config.ModelConfigFile;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.proto.GetModelStatusRequest;
import dev.sampan.serving.proto.GetModelStatusResponse;
import dev.sampan.serving.proto.ModelServiceGrpc;
import dev.sampan.serving.proto.ModelVersionStatus;
import dev.sampan.serving.proto.ReloadConfigRequest;
import dev.sampan.serving.proto.ReloadConfigResponse;
import dev.sampan.serving.proto.StatusProto;
import dev.sampan.serving.servable.ServableManager;
import io.grpc.stub.StreamObserver;

/** {@code tensorflow.serving.ModelService}. */
public final class ModelCalls extends ModelServiceGrpc.ModelServiceImplBase {
    private final ServableManager manager;
    private final ModelAdmin admin;

    public ModelCalls(ServableManager manager, ModelAdmin admin) {
        this.manager = manager;
        this.admin = admin;
    }

    @Override
    public void getModelStatus(GetModelStatusRequest request, StreamObserver<GetModelStatusResponse> observer) {
        Calls.answer(observer, () -> {
            var response = GetModelStatusResponse.newBuilder();
            for (var status : manager.status(Specs.read(request.getModelSpec()))) {
                response.addModelVersionStatus(ModelVersionStatus.newBuilder()
                        .setVersion(status.version())
                        .setStateValue(status.state().number())
                        .setStatus(StatusProto.newBuilder()
                                .setErrorCode(status.code().number())
                                .setErrorMessage(status.message())));
            }
            return response.build();
        });
    }

    @Override
    public void handleReloadConfigRequest(ReloadConfigRequest request, StreamObserver<ReloadConfigResponse> observer) {
        Calls.answer(observer, () -> {
            var status = StatusProto.newBuilder();
            try {
                if (!request.getConfig().hasModelConfigList()) {
                    throw ServingException.invalid("ModelServerConfig type must be 'kModelConfigList'");
                }
                admin.reload(ModelConfigFile.models(request.getConfig(), admin.mounts()));
            } catch (ServingException e) {
                status.setErrorCode(e.code().number()).setErrorMessage(String.valueOf(e.getMessage()));
            }
            return ReloadConfigResponse.newBuilder().setStatus(status).build();
        });
    }
}
