package dev.sampan.serving.rest;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.inference.Classifier;
import dev.sampan.serving.inference.Examples;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.tensor.BufferPool;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TensorFlow Serving's REST API, apart from HTTP itself: method, path and body in, status and body out. Stateless. */
public final class RestApi {
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

    /** An answer: HTTP status and JSON body. */
    public record Answer(int status, ByteBuffer body) {
        static Answer ok(ByteBuffer body) {
            return new Answer(200, body);
        }

        /** The answer to a request that failed. */
        public static Answer error(Code code, String message) {
            return new Answer(code.httpStatus(), JsonWriter.error(message));
        }
    }

    public RestApi(ServableManager manager, Predictor predictor, BufferPool buffers) {
        this.manager = manager;
        this.predictor = predictor;
        this.classifier = new Classifier(predictor);
        this.buffers = buffers;
    }

    /** Whether a path belongs to this API. */
    public static boolean owns(String path) {
        return path.regionMatches(true, 0, "/v1/", 0, 4);
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
                return prediction(spec(match), match.group(4), body, length);
            }
        } else if (method.equals("GET")) {
            var match = STATUS.matcher(path);
            if (match.matches()) {
                return status(match);
            }
        }
        throw ServingException.invalid("Malformed request: " + method + " " + path);
    }

    private Answer prediction(ModelSpec spec, String method, byte[] body, int length) {
        if (!method.equalsIgnoreCase("predict")) {
            return examples(spec, method.equalsIgnoreCase("classify"), body, length);
        }
        try (var handle = manager.acquire(spec);
                var scope = buffers.scope()) {
            var request = PredictRequestReader.read(body, length, name -> Predictor.signature(handle, name), scope);
            var outputs = predictor.predict(handle, request.signature(), request.inputs(), List.of(), scope);
            return Answer.ok(request.rowFormat() ? JsonWriter.predictions(outputs) : JsonWriter.outputs(outputs));
        }
    }

    private Answer examples(ModelSpec spec, boolean classify, byte[] body, int length) {
        var request = ExamplesReader.read(body, length);
        var examples = new Examples(request.input());
        try (var handle = manager.acquire(spec);
                var scope = buffers.scope()) {
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
