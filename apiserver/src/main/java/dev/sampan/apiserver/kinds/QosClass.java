package dev.sampan.apiserver.kinds;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** How a pod is treated when a node runs short, after its requests and limits. */
enum QosClass {
    GUARANTEED("Guaranteed"),
    BURSTABLE("Burstable"),
    BEST_EFFORT("BestEffort");

    private final String label;

    QosClass(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    static QosClass of(JsonNode spec) {
        boolean guaranteed = true;
        boolean anything = false;
        for (var list : new String[] {"containers", "initContainers"}) {
            for (var container : spec.path(list)) {
                var requests = computeResources(container.path("resources").path("requests"));
                var limits = computeResources(container.path("resources").path("limits"));
                anything |= !requests.isEmpty() || !limits.isEmpty();
                guaranteed &= limits.size() == 2 && limits.equals(requests);
            }
        }
        if (!anything) {
            return BEST_EFFORT;
        }
        return guaranteed ? GUARANTEED : BURSTABLE;
    }

    private static Map<String, Object> computeResources(JsonNode list) {
        var result = new HashMap<String, Object>();
        for (var name : new String[] {"cpu", "memory"}) {
            if (list.has(name)) {
                var quantity = new Errors().quantity(Field.of(list, name));
                if (quantity != null && !quantity.isZero()) {
                    result.put(name, quantity);
                }
            }
        }
        return result;
    }
}
