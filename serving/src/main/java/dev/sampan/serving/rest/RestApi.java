package dev.sampan.serving.rest;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.inference.Classifier;
import dev.sampan.serving.inference.Examples;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.tensor.BufferPool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TensorFlow Serving's REST API, apart from HTTP itself: method, path and body in, status and body out. Stateless. */
public final class RestApi {
    private static final Logger LOG = LoggerFactory.getLogger(RestApi.class);
    private static final String METRICS = "/monitoring/prometheus/metrics";
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

    /** An answer: HTTP status, content type and body. */
    public record Answer(int status, String contentType, ByteBuffer body) {
        Answer(int status, ByteBuffer body) {
            this(status, "application/json", body);
        }

        static Answer ok(ByteBuffer body) {
            return new Answer(200, body);
        }

        /** The answer to a request that failed. */
        public static Answer error(Code code, String message) {
            return new Answer(code.httpStatus(), JsonWriter.error(message));
        }
    }

    /** @param timeout after which a request that has not begun to run is given up */
    public RestApi(
            ServableManager manager,
            Predictor predictor,
            BufferPool buffers,
            ServingMetrics metrics,
            Duration timeout) {
        this.metrics = metrics;
        this.timeout = timeout;
        this.manager = manager;
        this.predictor = predictor;
        this.classifier = new Classifier(predictor);
        this.buffers = buffers;
    }

    /** Whether a path belongs to this API. */
    public static boolean owns(String path) {
        return path.regionMatches(true, 0, "/v1/", 0, 4) || path.equals(METRICS);
    }

    /** Answers a request; never throws. */
    public Answer handle(String method, String path, byte[] body, int length) {
        try {
            return route(method, path, body, length);
        } catch (ServingException e) {
            return Answer.error(e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("{} {} failed", method, path, e);
            return Answer.error(Code.INTERNAL, "Internal error: " + e);
        }
    }

    private Answer route(String method, String path, byte[] body, int length) {
        if (method.equals("POST")) {
            var match = PREDICTION.matcher(path);
            if (match.matches()) {
                return measured(spec(match), match.group(4).toLowerCase(Locale.ROOT), body, length);
            }
        } else if (method.equals("GET")) {
            if (path.equals(METRICS)) {
                var text = metrics.prometheusText().getBytes(StandardCharsets.UTF_8);
                return new Answer(200, "text/plain; version=0.0.4", ByteBuffer.wrap(text));
            }
            var match = STATUS.matcher(path);
            if (match.matches()) {
                return status(match);
            }
        }
        throw ServingException.invalid("Malformed request: " + method + " " + path);
    }

    private Answer measured(ModelSpec spec, String method, byte[] body, int length) {
        long start = System.nanoTime();
        var code = Code.INTERNAL;
        try {
            var answer = prediction(spec, method, body, length);
            code = Code.OK;
            return answer;
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

    private Answer prediction(ModelSpec spec, String method, byte[] body, int length) {
        if (!method.equals("predict")) {
            return examples(spec, method.equals("classify"), body, length);
        }
        try (var handle = manager.acquire(spec);
                var scope = buffers.scope(System.nanoTime() + timeout.toNanos())) {
            var request = PredictRequestReader.read(body, length, name -> Predictor.signature(handle, name), scope);
            var outputs = predictor.predict(handle, request.signature(), request.inputs(), List.of(), scope);
            return Answer.ok(request.rowFormat() ? JsonWriter.predictions(outputs) : JsonWriter.outputs(outputs));
        }
    }

    private Answer examples(ModelSpec spec, boolean classify, byte[] body, int length) {
        var request = ExamplesReader.read(body, length);
        var examples = new Examples(request.input());
        try (var handle = manager.acquire(spec);
                var scope = buffers.scope(System.nanoTime() + timeout.toNanos())) {
            var signature = Predictor.signature(handle, request.signatureName());
            return Answer.ok(
                    classify
                            ? JsonWriter.results(classifier.classify(handle, signature, examples, scope))
                            : JsonWriter.results(classifier.regress(handle, signature, examples, scope)));
        }
    }

    private Answer status(Matcher match) {
        if (match.group(1) == null) {
            throw ServingException.invalid("Missing model name in request.");
        }
        var spec = spec(match);
        if (match.group(4) == null) {
            return Answer.ok(StatusDocuments.status(manager.status(spec)));
        }
        try (var handle = manager.acquire(spec)) {
            return Answer.ok(StatusDocuments.metadata(handle));
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
