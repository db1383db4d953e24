package dev.sampan.controllers.discovery;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Follows the metadata of all objects of one kind: lists, watches from there, continues where a lost watch ended, and
 * lists again when that is too long ago. Its virtual thread owns what it has seen and calls the consumer.
 */
public final class MetadataWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MetadataWatch.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(30);
    private static final int GONE = 410;
    private static final JsonMapper MAPPER = JsonMapper.shared();

    /** What happened to an object. */
    public enum Change {
        PRESENT,
        DELETED
    }

    private final Rest rest;
    private final ResourceKind kind;
    private final BiConsumer<Change, JsonNode> consumer;
    private final Map<String, JsonNode> seen = new HashMap<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean synced;
    private volatile @Nullable InputStream open;

    private static final class Expired extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** @param consumer gets each object's metadata, without its managedFields, when it is new or changed, and the last known when it is gone */
    public MetadataWatch(Rest rest, ResourceKind kind, BiConsumer<Change, JsonNode> consumer) {
        this.rest = rest;
        this.kind = kind;
        this.consumer = consumer;
        this.thread = Thread.ofVirtual().name("metadata " + kind.plural()).start(this::run);
    }

    /** Whether the first list is complete. */
    public boolean synced() {
        return synced;
    }

    private void run() {
        var backoff = FIRST_BACKOFF;
        String version = "";
        while (!closed) {
            try {
                if (version.isEmpty()) {
                    version = list();
                    synced = true;
                }
                version = watch(version);
                backoff = FIRST_BACKOFF;
            } catch (Expired e) {
                version = "";
            } catch (IOException | RuntimeException e) {
                if (!closed) {
                    LOG.debug("watch of {} ended, again in {}: {}", kind.plural(), backoff, e.toString());
                }
            }
            if (!pause(backoff)) {
                return;
            }
            backoff = backoff.multipliedBy(2).compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : backoff.multipliedBy(2);
        }
    }

    private boolean pause(Duration backoff) {
        try {
            Thread.sleep(backoff.plusMillis(ThreadLocalRandom.current().nextLong(1 + backoff.toMillis() / 4)));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The version of the list. Objects that were seen before and are not in it are gone. */
    private String list() throws Expired {
        var before = new HashSet<>(seen.keySet());
        String more = "";
        while (true) {
            var answer =
                    rest.getMetadata(kind.path("") + "?limit=500" + (more.isEmpty() ? "" : "&continue=" + more), true);
            if (answer.code() == GONE) {
                throw new Expired();
            }
            var list = answer.orThrow().body();
            for (var item : list.path("items")) {
                var metadata = item.path("metadata");
                before.remove(uid(metadata));
                present(metadata);
            }
            more = list.path("metadata").path("continue").asString("");
            if (more.isEmpty()) {
                before.forEach(uid -> gone(uid));
                return list.path("metadata").path("resourceVersion").asString("0");
            }
            more = java.net.URLEncoder.encode(more, StandardCharsets.UTF_8);
        }
    }

    /** The version up to which the watch went when it ended in peace. */
    private String watch(String from) throws IOException {
        var version = from;
        var opened = rest.watchMetadata(kind.path("") + "?watch=true&allowWatchBookmarks=true&resourceVersion=" + from);
        open = opened.lines();
        try (var lines = new BufferedReader(new InputStreamReader(opened.lines(), StandardCharsets.UTF_8))) {
            if (opened.code() == GONE) {
                throw new Expired();
            }
            if (opened.code() != 200) {
                throw new IOException("HTTP status " + opened.code());
            }
            for (var line = lines.readLine(); line != null && !closed; line = lines.readLine()) {
                version = line.isBlank() ? version : handle(MAPPER.readTree(line));
            }
            return version;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            open = null;
        }
    }

    private String handle(JsonNode event) throws IOException {
        var object = event.path("object");
        var metadata = object.path("metadata");
        switch (event.path("type").asString("")) {
            case "ADDED", "MODIFIED" -> present(metadata);
            case "DELETED" -> {
                seen.put(uid(metadata), metadata);
                gone(uid(metadata));
            }
            case "ERROR" -> {
                if (object.path("code").asInt(0) == GONE) {
                    throw new Expired();
                }
                throw new IOException(object.path("message").asString("the watch failed"));
            }
            default -> LOG.trace("bookmark of {}", kind.plural());
        }
        return metadata.path("resourceVersion").asString("0");
    }

    private static String uid(JsonNode metadata) {
        return metadata.path("uid").asString("");
    }

    private void present(JsonNode metadata) {
        // Most of the metadata, and nothing that anybody here asks for.
        if (metadata instanceof ObjectNode object) {
            object.remove("managedFields");
        }
        var before = seen.put(uid(metadata), metadata);
        if (before == null || !before.path("resourceVersion").equals(metadata.path("resourceVersion"))) {
            consumer.accept(Change.PRESENT, metadata);
        }
    }

    private void gone(String uid) {
        var metadata = seen.remove(uid);
        if (metadata != null) {
            consumer.accept(Change.DELETED, metadata);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        var stream = open;
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                LOG.debug("closing the watch of {}", kind.plural(), e);
            }
        }
    }
}
