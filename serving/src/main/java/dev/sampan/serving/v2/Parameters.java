package dev.sampan.serving.v2;

import dev.sampan.serving.json.JsonScanner;
import dev.sampan.serving.v2.proto.InferParameter;
import java.util.HashMap;
import java.util.Map;

/** Named values of a request, a tensor or a wanted output: booleans, integers, decimals and strings. */
record Parameters(Map<String, Object> values) {
    static final Parameters NONE = new Parameters(Map.of());

    Parameters {
        values = Map.copyOf(values);
    }

    static Parameters of(Map<String, InferParameter> messages) {
        if (messages.isEmpty()) {
            return NONE;
        }
        var values = new HashMap<String, Object>();
        messages.forEach((name, parameter) -> {
            switch (parameter.getParameterChoiceCase()) {
                case BOOL_PARAM -> values.put(name, parameter.getBoolParam());
                case INT64_PARAM -> values.put(name, parameter.getInt64Param());
                case UINT64_PARAM -> values.put(name, parameter.getUint64Param());
                case STRING_PARAM -> values.put(name, parameter.getStringParam());
                case DOUBLE_PARAM -> values.put(name, parameter.getDoubleParam());
                case PARAMETERCHOICE_NOT_SET -> {}
            }
        });
        return new Parameters(values);
    }

    /** Reads an object; values of other kinds are left out. */
    static Parameters read(JsonScanner json) {
        var values = new HashMap<String, Object>();
        read(json, values, false);
        return new Parameters(values);
    }

    /** The same, with the members of an object {@code parameters} in it. */
    static Parameters readNested(JsonScanner json) {
        var values = new HashMap<String, Object>();
        read(json, values, true);
        return new Parameters(values);
    }

    private static void read(JsonScanner json, Map<String, Object> values, boolean nested) {
        if (json.peek() != '{') {
            throw json.error("An object is expected.");
        }
        if (!json.enter('}')) {
            return;
        }
        do {
            var name = json.name();
            if (nested && name.equals("parameters")) {
                read(json, values, false);
            } else {
                value(json, name, values);
            }
        } while (json.more('}'));
    }

    private static void value(JsonScanner json, String name, Map<String, Object> values) {
        switch (json.peek()) {
            case '"' -> values.put(name, json.string());
            case 't', 'f' -> {
                values.put(name, json.peek() == 't');
                json.skip();
            }
            case '{', '[', 'n' -> json.skip();
            default -> {
                double number = json.number();
                values.put(name, json.wasLong() ? (Object) json.integerValue() : (Object) number);
            }
        }
    }

    /** Empty if there is no such string. */
    String text(String name) {
        return values.get(name) instanceof String text ? text : "";
    }

    boolean flag(String name) {
        return Boolean.TRUE.equals(values.get(name));
    }

    long integer(String name, long otherwise) {
        return values.get(name) instanceof Long number ? number : otherwise;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }
}
