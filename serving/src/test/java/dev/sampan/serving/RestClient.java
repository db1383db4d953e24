package dev.sampan.serving;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What tests use to call the REST API. */
public final class RestClient implements AutoCloseable {
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI server;

    /** Status and body of an answer. */
    public record Answer(int status, String body) {
        /** The body; NaN and Infinity are allowed in it. */
        public JsonNode json() {
            return JsonMapper.builder()
                    .enable(tools.jackson.core.json.JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .build()
                    .readTree(body);
        }

        public String error() {
            return json().path("error").asString("");
        }
    }

    public RestClient(URI server) {
        this.server = server;
    }

    public Answer get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(server.resolve(path)).build());
    }

    public Answer post(String path, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(server.resolve(path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private Answer send(HttpRequest request) throws IOException, InterruptedException {
        var response = client.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }

    @Override
    public void close() {
        client.close();
    }
}
