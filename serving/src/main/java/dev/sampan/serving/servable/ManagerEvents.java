package dev.sampan.serving.servable;

import dev.sampan.serving.error.Code;
import java.util.Map;

/** Is told what the manager does, under its lock: to be quick. */
public interface ManagerEvents {
    /** Tells nobody. */
    ManagerEvents NONE = new ManagerEvents() {};

    /**
     * A version was loaded.
     *
     * @param again whether it had been paged out
     */
    default void loaded(String model, long version, long bytes, long nanos, boolean again) {}

    /** A version did not load. */
    default void loadFailed(String model, long version, Code code, String reason) {}

    /** A version leaves memory until it is asked for. */
    default void pagedOut(String model, long version) {}

    /** A version leaves for good. */
    default void unloaded(String model, long version) {}

    /** Why models cannot be fetched now, by their names. */
    default void unreachable(Map<String, String> reasons) {}

    /** A version is no longer wanted, and with it why it did not load. */
    default void forgotten(String model, long version) {}
}
