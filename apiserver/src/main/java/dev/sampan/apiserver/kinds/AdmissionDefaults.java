package dev.sampan.apiserver.kinds;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Defaults that admission policies and webhooks share. */
final class AdmissionDefaults {

    private AdmissionDefaults() {}

    /** Of a webhook, matchConstraints or matchResources; nothing when it is absent. */
    static void matching(JsonNode node) {
        if (node instanceof ObjectNode object) {
            text(object, "matchPolicy", "Equivalent");
            for (var selector : new String[] {"namespaceSelector", "objectSelector"}) {
                if (!object.path(selector).isObject()) {
                    object.putObject(selector);
                }
            }
            for (var list : new String[] {"resourceRules", "excludeResourceRules", "rules"}) {
                object.path(list).forEach(rule -> text((ObjectNode) rule, "scope", "*"));
            }
        }
    }

    static void text(ObjectNode object, String field, String value) {
        if (object.path(field).stringValue("").isEmpty()) {
            object.put(field, value);
        }
    }
}
