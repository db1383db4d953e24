package dev.sampan.scheduler.framework;

import dev.sampan.scheduler.snapshot.PodInfo;

/** One scheduling policy. */
public interface Plugin {

    /** As upstream names it; appears in logs and decides which plugin's hints wake a pod. */
    String name();

    /** Whether the event could make a pod that this plugin rejected schedulable. */
    default boolean mayUnblock(ClusterEvent event, PodInfo pod) {
        return false;
    }
}
