package dev.sampan.apiserver;

import dev.sampan.apiserver.wire.MediaType;
import dev.sampan.apiserver.wire.ResponseWriter;
import dev.sampan.schema.codec.Json;
import dev.sampan.store.FutureRevisionException;
import dev.sampan.store.Store;
import dev.sampan.store.StoreException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * {@code POST /maintenance/compact?revision=N}: forgets history before a revision, the latest without one, and gives its space back. Kubernetes
 * leaves this to etcd's own tools; nobody but administrators has the permission, which is that of the path.
 */
final class CompactionEndpoint {

    private static final String PATH = "/maintenance/compact";

    private final Store store;

    CompactionEndpoint(Store store) {
        this.store = store;
    }

    @Nullable
    ApiResponse handle(ApiRequest request) {
        if (!request.path().equals(PATH)) {
            return null;
        }
        if (!request.method().equals("POST")) {
            throw ApiException.badRequest(PATH + " wants POST, not " + request.method());
        }
        try {
            long latest = store.latest().revision();
            long revision = revision(request, latest);
            long earlier = store.compactedRevision();
            store.compact(revision);
            var size = store.shrink();
            var answer = JsonNodeFactory.instance.objectNode();
            answer.put("compactedBefore", earlier)
                    .put("compacted", store.compactedRevision())
                    .put("revision", latest);
            answer.put("bytesBefore", size.before()).put("bytesAfter", size.after());
            return ResponseWriter.bytes(200, MediaType.JSON, Json.write(answer));
        } catch (FutureRevisionException e) {
            throw ApiException.badRequest("revision: %d lies ahead: the latest is %d; name that or an earlier one"
                    .formatted(e.requested(), e.current()));
        } catch (StoreException e) {
            throw ApiException.unavailable("history could not be compacted: " + e.getMessage());
        }
    }

    private static long revision(ApiRequest request, long latest) {
        var text = request.query().getOrDefault("revision", List.of("")).getFirst();
        if (text.isEmpty()) {
            return latest;
        }
        if (!text.matches("\\d{1,18}")) {
            throw ApiException.badRequest("revision: \"%s\": write a number, 1 to %d".formatted(text, latest));
        }
        return Long.parseLong(text);
    }
}
