package dev.sampan.apiserver.kinds;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A value together with the path that leads to it: what a rule looks at and what its errors name. */
record Field(String path, JsonNode value) {

    /** A top-level field of an object. */
    static Field of(JsonNode object, String name) {
        return new Field(name, object.path(name));
    }

    Field at(String name) {
        return new Field(path.isEmpty() ? name : path + "." + name, value.path(name));
    }

    Field key(String key) {
        return new Field(path + "[" + key + "]", value.path(key));
    }

    Field item(int index) {
        return new Field(path + "[" + index + "]", value.path(index));
    }

    List<Field> items() {
        var result = new ArrayList<Field>(value.size());
        for (int i = 0; i < value.size() && value.isArray(); i++) {
            result.add(item(i));
        }
        return result;
    }

    boolean present() {
        return !value.isMissingNode() && !value.isNull();
    }

    boolean has(String name) {
        return at(name).present();
    }

    /** The string here; empty when there is none. */
    String text() {
        return value.stringValue("");
    }

    String text(String name) {
        return value.path(name).stringValue("");
    }

    /** The integer here, or {@code otherwise}. */
    long number(long otherwise) {
        return value.isIntegralNumber() ? value.longValue() : otherwise;
    }

    boolean flag() {
        return value.booleanValue(false);
    }

    boolean flag(String name) {
        return value.path(name).booleanValue(false);
    }
}
