package dev.sampan.serving.v2;

import dev.sampan.serving.config.ModelAdmin;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.http.HttpAnswer;
import dev.sampan.serving.http.HttpApi;
import dev.sampan.serving.http.HttpCall;
import dev.sampan.serving.inference.Predictor;
import dev.sampan.serving.json.JsonScanner;
import dev.sampan.serving.json.JsonWriter;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.tensor.BufferPool;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Open Inference Protocol over HTTP. Stateless. */
public final class RestV2 implements HttpApi {
    private static final Logger LOG = LoggerFactory.getLogger(RestV2.class);
    private static final String HEADER_LENGTH = "Inference-Header-Content-Length";
    private static final Pattern MODEL =
            Pattern.compile("/v2/models/([^/]+)(?:/versions/([^/]+))?(?:/(ready|infer|config|stats))?");
    private static final Pattern REPOSITORY = Pattern.compile("/v2/repository/models/([^/]+)/(load|unload)");
    private static final int NOT_READY = 400;

    private final InferenceService inference;
    private final Documents documents;
    private final ModelAdmin admin;
    private final BooleanSupplier ready;
    private final Duration timeout;

    /**
     * @param maxBatchRows largest batch; 0 if requests are not batched
     * @param ready whether new clients are welcome
     * @param timeout after which a request that has not begun to run is given up
     */
    public RestV2(
            ServableManager manager,
            Predictor predictor,
            BufferPool buffers,
            ServingMetrics metrics,
            ModelAdmin admin,
            int maxBatchRows,
            BooleanSupplier ready,
            Duration timeout) {
        this.inference = new InferenceService(manager, predictor, buffers, metrics);
        this.documents = new Documents(manager, metrics, maxBatchRows);
        this.admin = admin;
        this.ready = ready;
        this.timeout = timeout;
    }

    @Override
    public boolean owns(String path) {
        return path.startsWith("/v2/") || path.equals("/v2");
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
        var path =
                call.path().endsWith("/") ? call.path().substring(0, call.path().length() - 1) : call.path();
        boolean post = call.method().equals("POST");
        if (!post && !call.method().equals("GET")) {
            return HttpAnswer.error(405, "method " + call.method() + " is not supported");
        }
        var match = MODEL.matcher(path);
        if (post && match.matches() && "infer".equals(match.group(3))) {
            return infer(call, match.group(1), or(match.group(2), ""));
        }
        return post ? administer(call, path) : document(path);
    }

    private static String or(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }

    private HttpAnswer document(String path) {
        switch (path) {
            case "/v2" -> {
                return HttpAnswer.json(MessageJson.write(Documents.server()));
            }
            case "/v2/health/live" -> {
                return HttpAnswer.json(flag("live", true));
            }
            case "/v2/health/ready" -> {
                boolean now = ready.getAsBoolean();
                return HttpAnswer.json(now ? 200 : NOT_READY, flag("ready", now));
            }
            case "/v2/models/stats" -> {
                return HttpAnswer.json(MessageJson.write(documents.statistics("", "")));
            }
            default -> {
                var match = MODEL.matcher(path);
                if (match.matches()) {
                    return model(match.group(1), or(match.group(2), ""), or(match.group(3), ""));
                }
            }
        }
        throw unknown("GET", path);
    }

    private static ServingException unknown(String method, String path) {
        return ServingException.notFound("there is no " + method + " " + path);
    }

    private HttpAnswer model(String model, String version, String what) {
        return switch (what) {
            case "" -> HttpAnswer.json(MessageJson.write(documents.model(model, version)));
            case "config" -> HttpAnswer.json(MessageJson.write(documents.config(model, version)));
            case "stats" -> HttpAnswer.json(MessageJson.write(documents.statistics(model, version)));
            case "ready" -> {
                boolean now = documents.ready(model, version);
                var body = new JsonWriter().raw("{\"name\":").string(model).raw(",\"ready\":" + now + "}");
                yield HttpAnswer.json(now ? 200 : NOT_READY, body.content());
            }
            default -> throw ServingException.invalid(what + " takes POST");
        };
    }

    private static ByteBuffer flag(String name, boolean value) {
        return new JsonWriter().put('{').string(name).raw(":" + value + "}").content();
    }

    private HttpAnswer administer(HttpCall call, String path) {
        if (path.equals("/v2/repository/index")) {
            boolean onlyReady = body(call).flag("ready");
            return HttpAnswer.json(MessageJson.write(documents.index(onlyReady).getModelsList()));
        }
        var match = REPOSITORY.matcher(path);
        if (!match.matches()) {
            throw unknown("POST", path);
        }
        if (match.group(2).equals("load")) {
            Repository.load(admin, match.group(1), body(call));
        } else {
            admin.unload(match.group(1));
        }
        return HttpAnswer.json(new JsonWriter().raw("{}").content());
    }

    /** The plain members of the body's object, and those of its {@code parameters}. */
    private static Parameters body(HttpCall call) {
        var json = new JsonScanner(call.body(), call.length());
        return json.peek() == 0 ? Parameters.NONE : Parameters.readNested(json);
    }

    private HttpAnswer infer(HttpCall call, String model, String version) {
        long start = System.nanoTime();
        var code = Code.INTERNAL;
        try (var scope = inference.scope(start + timeout.toNanos(), call.priority())) {
            var request =
                    InferRequestReader.read(model, version, call.body(), headerLength(call), call.length(), scope);
            scope.timings().read(System.nanoTime() - start);
            var response = inference.infer(request, scope);
            long ran = System.nanoTime();
            var answer = InferResponseWriter.write(request, response);
            scope.timings().wrote(System.nanoTime() - ran);
            code = Code.OK;
            return call.explain() ? answer.with("Server-Timing", scope.timings().serverTiming()) : answer;
        } catch (ServingException e) {
            code = e.code();
            throw e;
        } finally {
            inference.count(model, "REST", code, System.nanoTime() - start);
        }
    }

    private static int headerLength(HttpCall call) {
        var header = call.header(HEADER_LENGTH);
        if (header == null) {
            return call.length();
        }
        try {
            int length = Integer.parseInt(header.strip());
            if (length >= 0 && length <= call.length()) {
                return length;
            }
        } catch (NumberFormatException e) {
            throw new ServingException(
                    Code.INVALID_ARGUMENT, HEADER_LENGTH + " must be an integer, not '" + header + "'", e);
        }
        throw ServingException.invalid(
                HEADER_LENGTH + " " + header + " is not within the body of " + call.length() + " bytes");
    }

    /** An answer with tensors after its JSON. */
    static HttpAnswer binary(ByteBuffer body, int jsonLength) {
        return new HttpAnswer(
                200, "application/octet-stream", body, Map.of(HEADER_LENGTH, Integer.toString(jsonLength)));
    }
}
