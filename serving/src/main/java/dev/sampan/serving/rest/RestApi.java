package dev.sampan.serving.rest;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.http.HttpAnswer;
import dev.sampan.serving.http.HttpApi;
import dev.sampan.serving.http.HttpCall;
import dev.sampan.serving.inference.Classifier;
import dev.sampan.serving.inference.Examples;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.tensor.BufferPool;
import dev.sampan.serving.tensor.BufferScope;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TensorFlow Serving's REST API, apart from HTTP itself: method, path and body in, status and body out. Stateless. */
public final class RestApi implements HttpApi {
    private static final Logger LOG = LoggerFactory.getLogger(RestApi.class);
    private static final Pattern PREDICTION = Pattern.compile(
            "/v1/models/([^/:]+)(?:/versions/(\\d+)|/labels/([^/:]+))?:(classify|regress|predict)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern STATUS = Pattern.compile(
            "/v1/models(?:/([^/:]+))?(?:/versions/(\\d+)|/labels/([^/:]+))?(/metadata)?", Pattern.CASE_INSENSITIVE);

    private final ServableManager manager;
    private final Predictor predictor;
    private final Classifier classifier;
    private final BufferPool buffers;
    private final ServingMetrics metrics;
    private final Duration timeout;
    private final @Nullable String metricsPath;

    /**
     * @param timeout after which a request that has not begun to run is given up
     * @param metricsPath where the metrics are; null for nowhere
     */
    public RestApi(
            ServableManager manager,
            Predictor predictor,
            BufferPool buffers,
            ServingMetrics metrics,
            Duration timeout,
            @Nullable String metricsPath) {
        this.metricsPath = metricsPath;
        this.metrics = metrics;
        this.timeout = timeout;
        this.manager = manager;
        this.predictor = predictor;
        this.classifier = new Classifier(predictor);
        this.buffers = buffers;
    }

    @Override
    public boolean owns(String path) {
        return path.regionMatches(true, 0, "/v1/", 0, 4) || path.equals(metricsPath);
    }

    @Override
    public HttpAnswer handle(HttpCall call) {
        try {
            return route(call);
        } catch (ServingException e) {
            return HttpAnswer.error(e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("{} {} failed", call.method(), call.path(), e);
            return HttpAnswer.error(Code.INTERNAL, "Internal error: " + e);
        }
    }

    private HttpAnswer route(HttpCall call) {
        if (call.method().equals("POST")) {
            var match = PREDICTION.matcher(call.path());
            if (match.matches()) {
                return measured(spec(match), match.group(4).toLowerCase(Locale.ROOT), call);
            }
        } else if (call.method().equals("GET")) {
            if (call.path().equals(metricsPath)) {
                return HttpAnswer.text("text/plain; version=0.0.4", metrics.prometheusText());
            }
            var match = STATUS.matcher(call.path());
            if (match.matches()) {
                return status(match);
            }
        }
        throw ServingException.invalid("Malformed request: " + call.method() + " " + call.path());
    }

    private HttpAnswer measured(ModelSpec spec, String method, HttpCall call) {
        long start = System.nanoTime();
        var code = Code.INTERNAL;
        try (var scope = buffers.scope(start + timeout.toNanos(), call.priority())) {
            var answer = HttpAnswer.json(
                    method.equals("predict")
                            ? predict(spec, call, scope)
                            : examples(spec, method.equals("classify"), call, scope));
            code = Code.OK;
            return call.explain() ? answer.with("Server-Timing", scope.timings().serverTiming()) : answer;
        } catch (ServingException e) {
            code = e.code();
            throw e;
        } finally {
            if (manager.knows(spec.name())) {
                var api = Character.toUpperCase(method.charAt(0)) + method.substring(1);
                metrics.request(spec.name(), api, "REST", code, System.nanoTime() - start);
            }
        }
    }

    private ByteBuffer predict(ModelSpec spec, HttpCall call, BufferScope scope) {
        long start = System.nanoTime();
        try (var handle = manager.acquire(spec)) {
            var request = PredictRequestReader.read(
                    call.body(), call.length(), name -> Predictor.signature(handle.model(), name), scope);
            scope.timings().read(System.nanoTime() - start);
            var outputs = predictor.predict(handle, request.signature(), request.inputs(), List.of(), scope);
            long ran = System.nanoTime();
            var body = request.rowFormat() ? Responses.predictions(outputs) : Responses.outputs(outputs);
            scope.timings().wrote(System.nanoTime() - ran);
            return body;
        }
    }

    private ByteBuffer examples(ModelSpec spec, boolean classify, HttpCall call, BufferScope scope) {
        var request = ExamplesReader.read(call.body(), call.length());
        var examples = new Examples(request.input());
        try (var handle = manager.acquire(spec)) {
            var signature = Predictor.signature(handle.model(), request.signatureName());
            return classify
                    ? Responses.results(classifier.classify(handle, signature, examples, scope))
                    : Responses.results(classifier.regress(handle, signature, examples, scope));
        }
    }

    private HttpAnswer status(Matcher match) {
        if (match.group(1) == null) {
            throw ServingException.invalid("Missing model name in request.");
        }
        var spec = spec(match);
        if (match.group(4) == null) {
            return HttpAnswer.json(StatusDocuments.status(manager.status(spec)));
        }
        try (var handle = manager.acquire(spec)) {
            return HttpAnswer.json(StatusDocuments.metadata(handle));
        }
    }

    private static ModelSpec spec(Matcher match) {
        var name = match.group(1);
        if (match.group(2) != null) {
            try {
                return ModelSpec.version(name, Long.parseLong(match.group(2)));
            } catch (NumberFormatException e) {
                throw ServingException.invalid("Failed to convert version: " + match.group(2) + " to numeric.");
            }
        }
        return match.group(3) != null ? ModelSpec.label(name, match.group(3)) : ModelSpec.latest(name);
    }
}
