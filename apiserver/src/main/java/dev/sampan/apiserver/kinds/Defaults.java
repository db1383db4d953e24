package dev.sampan.apiserver.kinds;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Sets fields that are absent. */
final class Defaults {

    private Defaults() {}

    static boolean absent(JsonNode object, String name) {
        var value = object.path(name);
        return value.isMissingNode() || value.isNull();
    }

    /** Absent, or an empty string, which Kubernetes' types do not tell apart. */
    static boolean blank(JsonNode object, String name) {
        return absent(object, name) || object.path(name).stringValue("x").isEmpty();
    }

    static void text(ObjectNode object, String name, String value) {
        if (blank(object, name)) {
            object.put(name, value);
        }
    }

    static void number(ObjectNode object, String name, long value) {
        if (absent(object, name)) {
            object.put(name, value);
        }
    }

    /** For fields whose zero means "not set". */
    static void numberUnlessZero(ObjectNode object, String name, long value) {
        if (absent(object, name) || object.path(name).longValue(1) == 0) {
            object.put(name, value);
        }
    }

    static void flag(ObjectNode object, String name, boolean value) {
        if (absent(object, name)) {
            object.put(name, value);
        }
    }

    /** The object of that name, made when it is absent. */
    static ObjectNode object(ObjectNode parent, String name) {
        return parent.path(name) instanceof ObjectNode present ? present : parent.putObject(name);
    }

    /** The object of that name, or one that is not attached to anything. */
    static ObjectNode child(JsonNode parent, String name) {
        return parent.path(name) instanceof ObjectNode present
                ? present
                : tools.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    }

    static boolean has(JsonNode object, String name) {
        return !absent(object, name);
    }
}
