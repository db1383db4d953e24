package dev.sampan.apiserver.proxy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.io.IOException;
import java.util.Map;

/** Reads from nodes' HTTPS API, for the parts of the API server that need what only a node knows. Thread-safe. */
public final class NodeApi {

    private static final int MAX_BYTES = 16 << 20;
    private static final int OK = 200;

    private final Nodes nodes;

    public NodeApi(PkiDirectory pki) {
        this.nodes = new Nodes(pki);
    }

    Nodes nodes() {
        return nodes;
    }

    /**
     * The body that a node answers a GET with.
     *
     * @throws ApiException 404 for a node that is not there, 503 for one that does not answer, or not well
     */
    public String get(String node, String path, Objects objects) {
        var answer = new Exchange(nodes.find(node, objects), "GET", path, Map.of(), new byte[0]).run();
        if (!(answer instanceof ApiResponse.Stream stream)) {
            throw ApiException.unavailable("node %s answers %s with another protocol".formatted(node, path));
        }
        try {
            var text = Exchange.text(stream.body(), MAX_BYTES);
            if (stream.status() != OK) {
                throw ApiException.unavailable(
                        "node %s answers %s with %d: %s".formatted(node, path, stream.status(), text));
            }
            return text;
        } catch (IOException e) {
            throw ApiException.unavailable(
                    "the answer of node %s to %s broke off: %s".formatted(node, path, e.getMessage()));
        }
    }
}
