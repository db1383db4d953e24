package dev.sampan.serving.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls one model over TensorFlow Serving's REST API. Thread-safe. */
public final class PredictClient implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    static {
        // An Ingress tells sites apart by the Host header, which Java's client sets only if this is said beforehand.
        if (System.getProperty("jdk.httpclient.allowRestrictedHeaders") == null) {
            System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        }
    }

    private final HttpClient http;
    private final URI model;
    private final @Nullable String host;
    private final Duration timeout;
    private volatile @Nullable BiConsumer<String, Long> explained;

    /**
     * @param server address of the server or of an Ingress path in front of it, such as {@code http://127.0.0.1:8501}
     * @param model name of the model, with {@code /versions/N} or {@code /labels/L} if wanted
     * @param host value of the Host header, or null for the server's own name
     * @param timeout of one request
     */
    public PredictClient(URI server, String model, @Nullable String host, Duration timeout) {
        var base = server.toString();
        this.model = URI.create((base.endsWith("/") ? base : base + "/") + "v1/models/" + model);
        this.host = host;
        this.timeout = timeout;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
    }

    /**
     * Scores of every row: the model's first output, one array of values a row.
     *
     * @throws IOException if the server cannot be reached or refuses; its error message is in it
     */
    public float[][] predict(float[][] rows) throws IOException, InterruptedException {
        var predictions = send(URI.create(model + ":predict"), body(rows)).path("predictions");
        if (predictions.size() != rows.length) {
            throw new IOException("the answer has " + predictions.size() + " predictions for " + rows.length + " rows");
        }
        var scores = new float[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            scores[row] = values(predictions.get(row));
        }
        return scores;
    }

    /**
     * Sends a request body as it is and returns the server's answer.
     *
     * @throws IOException if the server cannot be reached or refuses; its error message is in it
     */
    public JsonNode predict(JsonNode body) throws IOException, InterruptedException {
        return send(URI.create(model + ":predict"), body.toString());
    }

    /** The server's status document of the model. */
    public JsonNode status() throws IOException, InterruptedException {
        return send(model, null);
    }

    /**
     * Asks the server where the time goes, and is told with every answer from now on.
     *
     * @param newExplained takes the header {@code Server-Timing}, and the nanoseconds from sending the request to having the answer
     */
    void explainTo(BiConsumer<String, Long> newExplained) {
        explained = newExplained;
    }

    private JsonNode send(URI uri, @Nullable String body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri).timeout(timeout);
        if (host != null) {
            request.header("Host", host);
        }
        var wanted = explained;
        if (wanted != null) {
            request.header("Explain", "1");
        }
        if (body != null) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        long sent = System.nanoTime();
        var response = exchange(request.build());
        if (wanted != null) {
            wanted.accept(response.headers().firstValue("Server-Timing").orElse(""), System.nanoTime() - sent);
        }
        JsonNode json;
        try {
            json = JSON.readTree(response.body());
        } catch (JacksonException e) {
            throw new IOException(
                    uri + " answered " + response.statusCode() + " and no JSON: " + start(response.body()), e);
        }
        if (response.statusCode() != 200) {
            throw new IOException(uri + " answered " + response.statusCode() + ": "
                    + json.path("error").asString(start(response.body())));
        }
        return json;
    }

    private HttpResponse<String> exchange(HttpRequest request) throws IOException, InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw new IOException("nothing answers at " + request.uri() + "; is the server running?", e);
        } catch (HttpTimeoutException e) {
            throw new IOException("no answer from " + request.uri() + " within " + timeout.toSeconds() + " s", e);
        }
    }

    private static String start(String text) {
        return text.length() > 200 ? text.substring(0, 200) + "..." : text;
    }

    private static String body(float[][] rows) {
        var json = new StringBuilder("{\"instances\": [");
        for (int row = 0; row < rows.length; row++) {
            json.append(row == 0 ? "[" : ", [");
            for (int i = 0; i < rows[row].length; i++) {
                json.append(i == 0 ? "" : ",").append(rows[row][i]);
            }
            json.append(']');
        }
        return json.append("]}").toString();
    }

    /** The values of a prediction; of an object of several outputs, the first one. */
    private static float[] values(JsonNode prediction) {
        var node = prediction.isObject() ? prediction.iterator().next() : prediction;
        var values = new float[node.isArray() ? node.size() : 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (node.isArray() ? node.get(i) : node).asDouble();
        }
        return values;
    }

    @Override
    public void close() {
        http.close();
    }
}
