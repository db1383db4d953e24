package dev.sampan.apiserver.admission;

import dev.sampan.schema.Quantity;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Quantities by resource name, such as {@code cpu}. Immutable. */
record Amounts(Map<String, Quantity> byName) {

    static final Amounts NONE = new Amounts(Map.of());

    Amounts {
        byName = java.util.Collections.unmodifiableMap(new TreeMap<>(byName));
    }

    /** Of a JSON object; what is no quantity, which validation refuses, is left out. */
    static Amounts of(JsonNode json) {
        var result = new TreeMap<String, Quantity>();
        for (var entry : json.properties()) {
            var value = entry.getValue();
            try {
                result.put(entry.getKey(), Quantity.parse(value.isNumber() ? value.toString() : value.stringValue("")));
            } catch (IllegalArgumentException e) {
                continue;
            }
        }
        return new Amounts(result);
    }

    static Amounts of(String name, Quantity quantity) {
        return new Amounts(Map.of(name, quantity));
    }

    @Nullable
    Quantity get(String name) {
        return byName.get(name);
    }

    Amounts plus(Amounts other) {
        var result = new TreeMap<>(byName);
        other.byName.forEach((name, quantity) -> result.merge(name, quantity, Quantity::add));
        return new Amounts(result);
    }

    Amounts minus(Amounts other) {
        var result = new TreeMap<>(byName);
        other.byName.forEach((name, quantity) ->
                result.put(name, result.getOrDefault(name, Quantity.ZERO).subtract(quantity)));
        return new Amounts(result);
    }

    /** The larger of each. */
    Amounts max(Amounts other) {
        var result = new TreeMap<>(byName);
        other.byName.forEach((name, quantity) -> result.merge(name, quantity, (a, b) -> a.compareTo(b) >= 0 ? a : b));
        return new Amounts(result);
    }

    /** Only the resources that {@code names} has. */
    Amounts only(java.util.Collection<String> names) {
        var result = new TreeMap<>(byName);
        result.keySet().retainAll(names);
        return new Amounts(result);
    }

    boolean isEmpty() {
        return byName.isEmpty();
    }

    void writeTo(ObjectNode json) {
        byName.forEach((name, quantity) -> json.put(name, quantity.toString()));
    }

    /** {@code cpu=1,memory=2Gi}. */
    @Override
    public String toString() {
        return byName.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(","));
    }
}
