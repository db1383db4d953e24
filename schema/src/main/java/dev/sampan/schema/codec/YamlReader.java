package dev.sampan.schema.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Builds a JSON tree from the events of one YAML document. */
final class YamlReader {

    private static final int MAX_DEPTH = 1000;
    /** Nodes that aliases may multiply a document into. */
    private static final int MAX_ALIASED = 1_000_000;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Iterator<Event> events;
    private final List<String> duplicates;
    private final Map<String, JsonNode> anchors = new HashMap<>();
    private int aliased;
    private int depth;

    YamlReader(Iterator<Event> events, List<String> duplicates) {
        this.events = events;
        this.duplicates = duplicates;
    }

    /** The first document, or null in an empty stream. */
    JsonNode document() {
        try {
            return firstDocument();
        } catch (StackOverflowError e) { // how deep a thread may go is not known beforehand
            throw new DecodeException("error converting YAML to JSON: yaml: exceeded the depth that can be read");
        }
    }

    private JsonNode firstDocument() {
        while (events.hasNext()) {
            var event = events.next();
            switch (event.getEventId()) {
                case StreamStart, DocumentStart, Comment -> {}
                case StreamEnd, DocumentEnd -> {
                    return NODES.nullNode();
                }
                default -> {
                    return node(event, null);
                }
            }
        }
        return NODES.nullNode();
    }

    private JsonNode node(Event event, Json.@Nullable Path path) {
        if (event instanceof AliasEvent alias) {
            var target = anchors.get(alias.getAlias().getValue());
            if (target == null) {
                throw error(event, "unknown anchor '" + alias.getAlias().getValue() + "' referenced");
            }
            aliased += size(target);
            if (aliased > MAX_ALIASED) {
                throw error(event, "document contains excessive aliasing");
            }
            return target.deepCopy();
        }
        if (++depth > MAX_DEPTH) {
            throw error(event, "exceeded max depth of " + MAX_DEPTH);
        }
        var node = switch (event) {
            case ScalarEvent scalar -> scalar(scalar);
            case SequenceStartEvent sequence -> sequence(path);
            case MappingStartEvent mapping -> mapping(path);
            default -> throw error(event, "unexpected " + event.getEventId());
        };
        depth--;
        if (event instanceof NodeEvent anchored) {
            anchored.getAnchor().ifPresent(a -> anchors.put(a.getValue(), node));
        }
        return node;
    }

    private static int size(JsonNode node) {
        int size = 1;
        for (var child : node) {
            size += size(child);
        }
        return size;
    }

    private JsonNode sequence(Json.@Nullable Path path) {
        var array = NODES.arrayNode();
        for (var event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            array.add(node(event, new Json.Path(path, "", array.size())));
        }
        return array;
    }

    private JsonNode mapping(Json.@Nullable Path path) {
        var object = NODES.objectNode();
        Set<String> own = new HashSet<>();
        for (var event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            if (isMergeKey(event)) {
                merge(object, node(events.next(), path), event);
                continue;
            }
            var at = event;
            var key = key(node(event, path), event);
            var here = new Json.Path(path, key, -1);
            if (!own.add(key)) {
                duplicates.add("%skey \"%s\" already set in map".formatted(line(at), key));
            }
            object.set(key, node(events.next(), here));
        }
        return object;
    }

    private static boolean isMergeKey(Event event) {
        return event instanceof ScalarEvent s && s.getValue().equals("<<") && s.getScalarStyle() == ScalarStyle.PLAIN;
    }

    private void merge(ObjectNode into, JsonNode value, Event at) {
        var sources = value.isArray() ? new ArrayList<>(value.valueStream().toList()) : List.of(value);
        for (var source : sources) {
            if (!(source instanceof ObjectNode object)) {
                throw error(at, "map merge requires map or sequence of maps as the value");
            }
            for (var entry : object.properties()) {
                if (!into.has(entry.getKey())) {
                    into.set(entry.getKey(), entry.getValue());
                }
            }
        }
    }

    private static String key(JsonNode key, Event at) {
        if (key.isContainer()) {
            throw error(at, "invalid map key: " + key);
        }
        return key.isNull() ? "null" : key.asString();
    }

    private static JsonNode scalar(ScalarEvent event) {
        var tag = event.getTag().orElse("");
        var text = event.getValue();
        if (tag.isEmpty()) {
            return event.getScalarStyle() == ScalarStyle.PLAIN ? YamlScalars.plain(text) : NODES.stringNode(text);
        }
        return switch (tag) {
            case "tag:yaml.org,2002:binary" ->
                NODES.stringNode(new String(Base64.getMimeDecoder().decode(text), StandardCharsets.ISO_8859_1));
            case "tag:yaml.org,2002:null",
                    "tag:yaml.org,2002:bool",
                    "tag:yaml.org,2002:int",
                    "tag:yaml.org,2002:float" -> {
                var value = YamlScalars.plain(text);
                if (value.isString()) {
                    throw error(event, "cannot decode !!str `" + text + "` as a " + tag);
                }
                yield value;
            }
            default -> NODES.stringNode(text);
        };
    }

    private static DecodeException error(Event at, String message) {
        return new DecodeException("error converting YAML to JSON: yaml: " + line(at) + message);
    }

    private static String line(Event at) {
        return at.getStartMark().map(m -> "line " + (m.getLine() + 1) + ": ").orElse("");
    }
}
