package dev.sampan.serving.servable;

import org.jspecify.annotations.Nullable;

/** Which version of which model a request means: this number, this label, or the highest one that is available. */
public record ModelSpec(
        String name, @Nullable Long version, @Nullable String label) {

    public static ModelSpec latest(String name) {
        return new ModelSpec(name, null, null);
    }

    public static ModelSpec version(String name, long version) {
        return new ModelSpec(name, version, null);
    }

    public static ModelSpec label(String name, String label) {
        return new ModelSpec(name, null, label);
    }

    /** As TensorFlow Serving words it: {@code Latest(half)}, {@code Specific(half, 3)}. */
    String describe() {
        return version == null ? "Latest(" + name + ")" : "Specific(" + name + ", " + version + ")";
    }
}
