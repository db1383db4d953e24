package dev.sampan.schema.apply;

import dev.sampan.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A set of field paths, as a tree. Changed only while it is being made; afterwards shared freely. */
public final class FieldSet {

    private final TreeSet<PathElement> members = new TreeSet<>();
    private final TreeMap<PathElement, FieldSet> children = new TreeMap<>();

    /** Of struct fields, each written as {@code metadata.name}; for resetting parts of objects. */
    public static FieldSet ofFields(String... paths) {
        var set = new FieldSet();
        for (var path : paths) {
            var elements = new ArrayList<PathElement>();
            for (var name : path.split("\\.")) {
                elements.add(new PathElement.Field(name));
            }
            set.insert(elements);
        }
        return set;
    }

    /** Reads {@code fieldsV1}. @throws IllegalArgumentException when it is malformed */
    static FieldSet decode(JsonNode fields) {
        var set = new FieldSet();
        for (var entry : fields.properties()) {
            if (entry.getKey().equals(".")) {
                continue;
            }
            var element = PathElement.decode(entry.getKey());
            var below = entry.getValue();
            if (below.isEmpty() || below.has(".")) {
                set.members.add(element);
            }
            var child = decode(below);
            if (!child.isEmpty()) {
                set.children.put(element, child);
            }
        }
        return set;
    }

    /** Writes {@code fieldsV1}. */
    ObjectNode encode() {
        var json = JsonNodeFactory.instance.objectNode();
        var all = new TreeSet<>(members);
        all.addAll(children.keySet());
        for (var element : all) {
            var child = children.get(element);
            var below = JsonNodeFactory.instance.objectNode();
            if (child != null && members.contains(element)) {
                below.putObject(".");
            }
            if (child != null) {
                below.setAll(child.encode());
            }
            json.set(element.encode(), below);
        }
        return json;
    }

    void insert(List<PathElement> path) {
        var set = this;
        for (var element : path.subList(0, path.size() - 1)) {
            set = set.children.computeIfAbsent(element, e -> new FieldSet());
        }
        set.members.add(path.getLast());
    }

    void add(PathElement element) {
        members.add(element);
    }

    /** Puts {@code child} below {@code element} unless it is empty. */
    void add(PathElement element, FieldSet child) {
        if (!child.members.isEmpty() || !child.children.isEmpty()) {
            children.put(element, child);
        }
    }

    /** Whether written {@code fieldsV1} begin with none of this set's first steps, so that the two share nothing. */
    boolean isApartFrom(JsonNode fields) {
        return members.stream().noneMatch(m -> fields.has(m.encode()))
                && children.keySet().stream().noneMatch(c -> fields.has(c.encode()));
    }

    /** Whether every member of {@code other} is one of this set. */
    boolean containsAll(FieldSet other) {
        if (!members.containsAll(other.members)) {
            return false;
        }
        for (var child : other.children.entrySet()) {
            var mine = children.get(child.getKey());
            if (mine == null ? !child.getValue().isEmpty() : !mine.containsAll(child.getValue())) {
                return false;
            }
        }
        return true;
    }

    boolean has(PathElement element) {
        return members.contains(element);
    }

    @Nullable
    FieldSet below(PathElement element) {
        return children.get(element);
    }

    public boolean isEmpty() {
        return members.isEmpty() && children.values().stream().allMatch(FieldSet::isEmpty);
    }

    FieldSet union(FieldSet other) {
        var result = new FieldSet();
        result.members.addAll(members);
        result.members.addAll(other.members);
        result.children.putAll(children);
        other.children.forEach((element, child) -> result.children.merge(element, child, FieldSet::union));
        return result;
    }

    FieldSet intersection(FieldSet other) {
        var result = new FieldSet();
        result.members.addAll(members);
        result.members.retainAll(other.members);
        children.forEach((element, child) -> {
            var theirs = other.children.get(element);
            if (theirs != null) {
                result.putChild(element, child.intersection(theirs));
            }
        });
        return result;
    }

    FieldSet difference(FieldSet other) {
        var result = new FieldSet();
        result.members.addAll(members);
        result.members.removeAll(other.members);
        children.forEach((element, child) -> {
            var theirs = other.children.get(element);
            result.putChild(element, theirs == null ? child : child.difference(theirs));
        });
        return result;
    }

    /** As {@link #difference}, but what is below a member of {@code other} goes too. */
    FieldSet recursiveDifference(FieldSet other) {
        var result = new FieldSet();
        result.members.addAll(members);
        result.members.removeAll(other.members);
        children.forEach((element, child) -> {
            if (!other.members.contains(element)) {
                var theirs = other.children.get(element);
                result.putChild(element, theirs == null ? child : child.recursiveDifference(theirs));
            }
        });
        return result;
    }

    private void putChild(PathElement element, FieldSet child) {
        if (!child.isEmpty()) {
            children.put(element, child);
        }
    }

    /** With every struct field that has something below it as a member. */
    FieldSet withNamedFields(@Nullable Schema schema) {
        var result = new FieldSet();
        result.members.addAll(members);
        children.forEach((element, child) -> {
            if (element instanceof PathElement.Field field
                    && schema != null
                    && schema.properties().containsKey(field.name())) {
                result.members.add(element);
            }
            result.children.put(element, child.withNamedFields(step(schema, element)));
        });
        return result;
    }

    private static @Nullable Schema step(@Nullable Schema schema, PathElement element) {
        if (schema == null) {
            return null;
        }
        return element instanceof PathElement.Field field ? schema.field(field.name()) : schema.items();
    }

    /** Calls with the path of each member, ordered. */
    void forEach(BiConsumer<String, FieldSet> action) {
        visit("", action);
    }

    private void visit(String path, BiConsumer<String, FieldSet> action) {
        var all = new TreeSet<>(members);
        all.addAll(children.keySet());
        for (var element : all) {
            var here = path + element;
            if (members.contains(element)) {
                action.accept(here, this);
            }
            var child = children.get(element);
            if (child != null) {
                child.visit(here, action);
            }
        }
    }

    /** The members' paths, such as {@code .spec.containers[name="a"].image}. */
    public List<String> paths() {
        var paths = new ArrayList<String>();
        forEach((path, set) -> paths.add(path));
        return paths;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof FieldSet s && encode().equals(s.encode());
    }

    @Override
    public int hashCode() {
        return encode().hashCode();
    }

    @Override
    public String toString() {
        return paths().toString();
    }
}
