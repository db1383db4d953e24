package dev.sampan.serving.v2;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.grpc.Reply;
import dev.sampan.serving.inference.AsyncPredictor;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A call of ModelInfer. */
final class InferJob implements AsyncPredictor.Job {
    private final InferMessage message;
    private final Reply reply;
    private InferenceService.@Nullable Request request;

    InferJob(InferMessage message, Reply reply) {
        this.message = message;
        this.reply = reply;
        reply.limit(message.scope());
    }

    @Override
    public BufferScope scope() {
        return message.scope();
    }

    private InferenceService.Request request() {
        return Objects.requireNonNull(request);
    }

    @Override
    public ModelSpec spec() {
        var read = message.request();
        request = read;
        InferenceService.limit(read.parameters(), scope());
        return InferenceService.spec(read.model(), read.version());
    }

    @Override
    public Signature signature(LoadedModel model) {
        return InferenceService.signature(
                model.signatures(), request().parameters().text("signature_name"));
    }

    @Override
    public Map<String, Tensor> inputs() {
        return request().inputs();
    }

    @Override
    public List<String> filter() {
        return request().filter();
    }

    @Override
    public void answer(ServableHandle handle, Signature signature, Map<String, Tensor> outputs) {
        var asked = request();
        var response = new InferenceService.Response(
                handle.modelName(),
                Long.toString(handle.version()),
                asked.id(),
                InferenceService.classified(
                        asked.outputs(), outputs, handle.model().classNames()));
        reply.answer(new InferAnswer(response, message.isRaw()), scope().timings());
    }

    @Override
    public void fail(Throwable cause) {
        reply.fail(cause);
    }
}
