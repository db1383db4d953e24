package dev.sampan.serving.grpc;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.inference.AsyncPredictor;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** A call of Predict. */
final class PredictJob implements AsyncPredictor.Job {
    private final PredictMessage request;
    private final Reply reply;
    private final boolean asContent;

    PredictJob(PredictMessage request, Reply reply, boolean asContent) {
        this.request = request;
        this.reply = reply;
        this.asContent = asContent;
        reply.limit(request.scope());
    }

    @Override
    public BufferScope scope() {
        return request.scope();
    }

    @Override
    public ModelSpec spec() {
        return request.spec();
    }

    @Override
    public Signature signature(LoadedModel model) {
        return Predictor.signature(model, request.signature());
    }

    @Override
    public Map<String, Tensor> inputs() {
        return request.inputs();
    }

    @Override
    public List<String> filter() {
        return request.filter();
    }

    @Override
    public void answer(ServableHandle handle, Signature signature, Map<String, Tensor> outputs) {
        reply.answer(new PredictAnswer(handle, signature.name(), outputs, asContent), scope().timings());
    }

    @Override
    public void fail(Throwable cause) {
        reply.fail(cause);
    }
}
