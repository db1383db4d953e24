package dev.sampan.scheduler.framework;

import java.util.List;

/**
 * Why a pod cannot go to a node.
 *
 * @param reasons in upstream's words; counted over nodes in the FailedScheduling event
 * @param resolvable whether evicting pods from the node could help
 */
public record Rejection(String plugin, List<String> reasons, boolean resolvable) {

    public static Rejection resolvable(Plugin plugin, String reason) {
        return new Rejection(plugin.name(), List.of(reason), true);
    }

    public static Rejection unresolvable(Plugin plugin, String reason) {
        return new Rejection(plugin.name(), List.of(reason), false);
    }
}
