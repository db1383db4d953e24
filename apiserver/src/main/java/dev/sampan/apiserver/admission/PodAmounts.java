package dev.sampan.apiserver.admission;

import tools.jackson.databind.JsonNode;

/** What a pod asks for in all: its containers together, or its largest init container if that is more. */
final class PodAmounts {

    private PodAmounts() {}

    /** @param list {@code requests} or {@code limits} */
    static Amounts of(JsonNode pod, String list) {
        var spec = pod.path("spec");
        var running = Amounts.NONE;
        for (var container : spec.path("containers")) {
            running = running.plus(Amounts.of(container.path("resources").path(list)));
        }
        var sidecars = Amounts.NONE;
        var starting = Amounts.NONE;
        for (var container : spec.path("initContainers")) {
            var own = Amounts.of(container.path("resources").path(list));
            if (container.path("restartPolicy").stringValue("").equals("Always")) {
                sidecars = sidecars.plus(own);
                starting = starting.max(sidecars);
            } else {
                starting = starting.max(sidecars.plus(own));
            }
        }
        return running.plus(sidecars).max(starting).plus(Amounts.of(spec.path("overhead")));
    }
}
