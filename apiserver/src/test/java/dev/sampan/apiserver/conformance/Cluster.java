package dev.sampan.apiserver.conformance;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.TestWatch;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.WholeServer.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** The server under test, and short ways to ask it. */
final class Cluster implements AutoCloseable {

    static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private final Path directory;
    private final WholeServer server;
    private int names;

    Cluster(Path directory) {
        this.directory = directory;
        this.server = new WholeServer(directory.resolve("pki"));
    }

    Path directory() {
        return directory;
    }

    WholeServer server() {
        return server;
    }

    /** A name that nobody else has. */
    String unique(String stem) {
        return stem + "-" + ++names;
    }

    /** A new namespace with its ServiceAccount. */
    String namespace() {
        var name = unique("row");
        server.namespace(name);
        return name;
    }

    Answer get(String path) {
        return server.get(path);
    }

    Answer post(String path, String yaml) {
        return server.post(path, yaml);
    }

    Answer put(String path, String yaml) {
        return server.put(path, yaml);
    }

    Answer patch(String path, String yaml) {
        return server.patch(path, yaml);
    }

    Answer delete(String path) {
        return server.delete(path);
    }

    TestWatch watch(String path) {
        return server.watch(path + (path.contains("?") ? "&" : "?") + "watch=true");
    }

    /** Bytes as they are. */
    Answer raw(String method, String path, String contentType, String body, String... accept) {
        var headers = new HashMap<String, List<String>>(Map.of("content-type", List.of(contentType)));
        if (accept.length > 0) {
            headers.put("accept", List.of(accept));
        }
        return server.send(
                ApiRequest.of(WholeServer.ADMIN, method, path, headers, body.getBytes(StandardCharsets.UTF_8)));
    }

    Answer getAs(String path, String accept) {
        return server.send(
                ApiRequest.of(WholeServer.ADMIN, "GET", path, Map.of("accept", List.of(accept)), new byte[0]));
    }

    Answer as(String user, String method, String path, String yaml) {
        return server.call(UserInfo.of(user, "system:authenticated"), method, path, yaml);
    }

    /** Merge, strategic merge, JSON patch or apply: the word in the media type. */
    Answer patchAs(String type, String path, String body) {
        var media = type.equals("apply") ? "application/apply-patch+yaml" : "application/" + type + "-patch+json";
        return raw("PATCH", path, media, body);
    }

    /** Creates a definition and waits until its types are served. */
    void define(String crd) {
        var name = post(CRDS, crd).ok().at("metadata.name");
        Awaitility.await().until(() -> isEstablished(name));
    }

    boolean isEstablished(String crd) {
        return condition(CRDS + "/" + crd, "Established").equals("True");
    }

    /** Status of a condition of an object; empty when there is none. */
    String condition(String path, String type) {
        for (var condition : get(path).body().path("status").path("conditions")) {
            if (condition.path("type").asString("").equals(type)) {
                return condition.path("status").asString("");
            }
        }
        return "";
    }

    /** Items of a list, by name. */
    List<String> names(String path) {
        var items = get(path).ok().body().path("items");
        return items.valueStream()
                .map(i -> i.path("metadata").path("name").asString(""))
                .toList();
    }

    static ApiResponse.Complete complete(ApiResponse response) {
        return (ApiResponse.Complete) response;
    }

    @Override
    public void close() {
        server.close();
    }
}
