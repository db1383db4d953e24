package dev.sampan.serving.servable;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What to do next for one model, as a pure function of the states of all its versions. After TensorFlow Serving's
 * {@code AspiredVersionPolicy}.
 */
public enum TransitionPolicy {
    /** Loads new versions first and unloads old ones once a new one is available: there is always one to answer. */
    AVAILABILITY_PRESERVING,
    /** Unloads old versions first: never more in memory than asked for, at the price of a gap. */
    RESOURCE_PRESERVING;

    /** A version as the policy sees it. */
    record Candidate(long version, boolean aspired, VersionState state) {}

    /** A change to make. */
    sealed interface Action {
        long version();

        record Load(long version) implements Action {}

        record Unload(long version) implements Action {}
    }

    List<Action> next(List<Candidate> versions) {
        var unloadable = versions.stream()
                .filter(v -> !v.aspired() && v.state() == VersionState.AVAILABLE)
                .toList();
        boolean noneAspired = versions.stream().noneMatch(Candidate::aspired);
        boolean aspiredAvailable = versions.stream().anyMatch(v -> v.aspired() && v.state() == VersionState.AVAILABLE);
        boolean oldInMemory = !unloadable.isEmpty()
                || versions.stream().anyMatch(v -> !v.aspired() && v.state() == VersionState.UNLOADING);
        boolean mayUnload = this == RESOURCE_PRESERVING || noneAspired || aspiredAvailable;
        boolean mayLoad = this == AVAILABILITY_PRESERVING || !oldInMemory;
        Stream<Action> unloads = unloadable.stream().filter(v -> mayUnload).map(v -> new Action.Unload(v.version()));
        Stream<Action> loads = versions.stream()
                .filter(v -> mayLoad && v.aspired() && v.state() == VersionState.START)
                .sorted(Comparator.comparingLong(Candidate::version).reversed())
                .map(v -> new Action.Load(v.version()));
        return Stream.concat(unloads, loads).toList();
    }
}
