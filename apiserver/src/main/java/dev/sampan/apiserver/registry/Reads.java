package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.store.CompactedException;
import dev.sampan.store.Entry;
import dev.sampan.store.FutureRevisionException;
import dev.sampan.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** GET of one object and of lists, in chunks when asked for. */
public final class Reads {

    /**
     * One chunk of a list.
     *
     * @param revision resourceVersion of the list
     * @param continueToken empty when this is the last chunk
     * @param remaining objects after this chunk; null when not known
     */
    public record Page(
            List<ObjectView> items,
            long revision,
            String continueToken,
            @Nullable Long remaining) {

        /** Writes a list's metadata. */
        public void describe(ObjectNode metadata) {
            metadata.put("resourceVersion", Long.toString(revision));
            if (!continueToken.isEmpty()) {
                metadata.put("continue", continueToken);
            }
            if (remaining != null) {
                metadata.put("remainingItemCount", remaining.longValue());
            }
        }
    }

    private final ObjectStore store;

    public Reads(ObjectStore store) {
        this.store = store;
    }

    /**
     * Makes sure that what follows sees every write that was acknowledged before, by other servers too. Reading clients may ask for less: 0
     * for whatever this server knows, or a resourceVersion that it knows already.
     *
     * @throws ApiException 503 when the store does not answer
     */
    public void catchUp(String resourceVersion) {
        boolean known = resourceVersion.equals("0")
                || (!resourceVersion.isEmpty()
                        && Revisions.parse(resourceVersion)
                                <= store.store().snapshot().revision());
        if (!known) {
            store.catchUp();
        }
    }

    /** @throws ApiException NotFound; 504 when the asked resourceVersion lies ahead */
    public ObjectView get(ServedType type, String namespace, String name, String resourceVersion) {
        var snapshot = store.store().snapshot();
        long wanted = Revisions.parse(resourceVersion);
        if (wanted > snapshot.revision()) {
            throw Revisions.tooLarge(wanted, snapshot.revision());
        }
        var entry = snapshot.get(type.storage().key(namespace, name));
        if (entry == null) {
            throw ApiException.notFound(type.resource(), name);
        }
        return ObjectView.of(type, entry);
    }

    public @Nullable ObjectView find(ServedType type, String namespace, String name) {
        var entry = store.get(type.storage(), namespace, name);
        return entry == null ? null : ObjectView.of(type, entry);
    }

    /** All objects of a namespace, or of all when it is empty. */
    public Page list(ServedType type, String namespace) {
        var snapshot = store.store().snapshot();
        var items = new ArrayList<ObjectView>();
        for (var entry : snapshot.range(type.storage().prefix(namespace), null)) {
            items.add(ObjectView.of(type, entry));
        }
        ObjectView.convertAll(type, items);
        return new Page(items, snapshot.revision(), "", null);
    }

    /** A list as the request's parameters ask for it. @throws ApiException 400, 410, 422, 504 */
    public Page list(ServedType type, String namespace, Selection selection, ApiRequest request) {
        Revisions.checkListOptions(request, false);
        long limit = limit(request.parameter("limit"));
        var token = request.parameter("continue");
        if (!token.isEmpty()) {
            if (!request.parameter("resourceVersion").isEmpty()
                    && !request.parameter("resourceVersion").equals("0")) {
                throw ApiException.badRequest("specifying resource version is not allowed when using continue");
            }
            var from = ContinueToken.parse(token);
            return page(type, namespace, selection, snapshot(from), from, limit);
        }
        var snapshot = snapshot(request, limit);
        return page(type, namespace, selection, snapshot, null, limit);
    }

    private Page page(
            ServedType type,
            String namespace,
            Selection selection,
            Snapshot snapshot,
            @Nullable ContinueToken from,
            long limit) {
        var only = onlyEntry(type, namespace, selection, snapshot);
        if (only != null) {
            return only;
        }
        var within = namespace.isEmpty() && type.namespaced() && selection.namespace() != null
                ? selection.namespace()
                : namespace;
        var prefix = type.storage().prefix(within);
        var start = from == null ? null : type.storage().prefix() + from.start();
        var items = new ArrayList<ObjectView>();
        Entry last = null;
        for (var entry : snapshot.range(prefix, start)) {
            if (limit > 0 && items.size() == limit && last != null) {
                return chunk(type, selection, snapshot, prefix, from, items, last);
            }
            last = entry;
            var view = ObjectView.of(type, entry);
            if (selection.matches(view)) {
                items.add(view);
            }
        }
        ObjectView.convertAll(type, items);
        return new Page(items, snapshot.revision(), "", null);
    }

    private static Page chunk(
            ServedType type,
            Selection selection,
            Snapshot snapshot,
            String prefix,
            @Nullable ContinueToken from,
            List<ObjectView> items,
            Entry last) {
        ObjectView.convertAll(type, items);
        Long remaining = null;
        if (selection.everything()) {
            long before = from == null || from.remaining() < 0 ? snapshot.count(prefix) : from.remaining();
            boolean known = from == null || from.remaining() >= 0;
            remaining = known ? Long.valueOf(before - items.size()) : null;
        }
        var start = last.key().substring(type.storage().prefix().length()) + '\0';
        var token = new ContinueToken(snapshot.revision(), start, remaining == null ? -1 : remaining);
        return new Page(items, snapshot.revision(), token.encode(), remaining);
    }

    /** A list that can only hold one name is a look-up. */
    private static @Nullable Page onlyEntry(ServedType type, String namespace, Selection selection, Snapshot snapshot) {
        var name = selection.name();
        if (name == null || (type.namespaced() && namespace.isEmpty())) {
            return null;
        }
        var entry = name.isEmpty() ? null : snapshot.get(type.storage().key(namespace, name));
        var view = entry == null ? null : ObjectView.of(type, entry);
        return new Page(
                view != null && selection.matches(view) ? List.of(view) : List.of(), snapshot.revision(), "", null);
    }

    private Snapshot snapshot(ContinueToken token) {
        if (token.revision() == ContinueToken.LATEST) {
            return store.store().snapshot();
        }
        try {
            return store.store().snapshot(token.revision());
        } catch (CompactedException e) {
            throw token.expired();
        } catch (FutureRevisionException e) {
            throw Revisions.tooLarge(token.revision(), e.current());
        }
    }

    /** The state that resourceVersion and resourceVersionMatch ask for. */
    private Snapshot snapshot(ApiRequest request, long limit) {
        long version = Revisions.parse(request.parameter("resourceVersion"));
        var match = request.parameter("resourceVersionMatch");
        var latest = store.store().snapshot();
        if (version == 0) {
            return latest;
        }
        if (version > latest.revision()) {
            throw Revisions.tooLarge(version, latest.revision());
        }
        boolean exact = match.equals("Exact") || (match.isEmpty() && limit > 0);
        return exact ? store.at(version) : latest;
    }

    private static long limit(String text) {
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw ApiException.noInteger(text);
        }
    }
}
