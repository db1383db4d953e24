package dev.sampan.controllers.discovery;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Plain JSON calls over a client's transport and identity. */
public final class Rest {

    public static final String MERGE_PATCH = "application/merge-patch+json";
    static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    static final String METADATA_LIST =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
    private static final String JSON = "application/json";
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final HttpClient http;
    private final URI base;

    public Rest(KubernetesClient client) {
        this.http = client.getHttpClient();
        this.base = URI.create(client.getMasterUrl().toString());
    }

    /** @param body the object, list or Status that was answered */
    public record Answer(int code, JsonNode body) {
        public boolean isOk() {
            return code / 100 == 2;
        }

        public boolean isNotFound() {
            return code == 404;
        }

        /** What the API server said went wrong. */
        public String message() {
            return body.path("message").asString("HTTP status " + code);
        }

        /** This answer, unless it is a failure. */
        public Answer orThrow() {
            if (!isOk()) {
                throw new RestException(this);
            }
            return this;
        }
    }

    /** A call that the API server refused. */
    public static final class RestException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int code;

        RestException(Answer answer) {
            super(answer.message());
            this.code = answer.code();
        }

        public int code() {
            return code;
        }
    }

    public Answer get(String path) {
        return send(request(path, JSON));
    }

    /** A list or object of which only the metadata is wanted. */
    public Answer getMetadata(String path, boolean list) {
        return send(request(path, list ? METADATA_LIST : METADATA));
    }

    public Answer delete(String path, JsonNode options) {
        return send(request(path, JSON).method("DELETE", JSON, options.toString()));
    }

    public Answer mergePatch(String path, JsonNode patch) {
        return send(request(path, JSON).method("PATCH", MERGE_PATCH, patch.toString()));
    }

    public Answer put(String path, JsonNode object) {
        return send(request(path, JSON).method("PUT", JSON, object.toString()));
    }

    private HttpRequest.Builder request(String path, String accept) {
        return http.newHttpRequestBuilder().uri(base.resolve(path)).header("Accept", accept);
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response =
                    http.sendAsync(request.build(), String.class).join();
            return new Answer(response.code(), parse(response.bodyString()));
        } catch (CompletionException | IOException e) {
            throw new UncheckedIOException(new IOException("no answer from the API server", e));
        }
    }

    private static JsonNode parse(String body) {
        return body.isEmpty() || body.charAt(0) != '{'
                ? MAPPER.createObjectNode().put("message", body)
                : MAPPER.readTree(body);
    }

    /** An open watch: its status code and its lines. */
    record Opened(int code, InputStream lines) {}

    Opened watchMetadata(String pathAndQuery) {
        try {
            var response = http.sendAsync(request(pathAndQuery, METADATA).build(), InputStream.class)
                    .join();
            return new Opened(response.code(), response.body());
        } catch (CompletionException e) {
            throw new UncheckedIOException(new IOException("no answer from the API server", e));
        }
    }
}
