package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.RequestContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A deviation from Kubernetes, which refuses a container without a name: when a pod has one container and no other, it gets
 * the name of its image, and the client a warning. Manifests from before names were checked, which this project promises
 * to run, have such containers.
 */
final class UnnamedContainer {

    private UnnamedContainer() {}

    static void name(JsonNode spec, String path, RequestContext context) {
        var containers = spec.path("containers");
        if (containers.size() != 1
                || !spec.path("initContainers").isEmpty()
                || !(containers.path(0) instanceof ObjectNode container)
                || !Defaults.blank(container, "name")) {
            return;
        }
        var name = nameOf(container.path("image").stringValue(""));
        if (!name.isEmpty()) {
            container.put("name", name);
            context.warn(path + ".containers[0].name: is required by Kubernetes; \"" + name
                    + "\" is used, add it to the manifest");
        }
    }

    /** {@code registry/team/Some_Image:v1} becomes {@code some-image}. */
    private static String nameOf(String image) {
        var untagged = image.contains("@") ? image.substring(0, image.indexOf('@')) : image;
        var last = untagged.substring(untagged.lastIndexOf('/') + 1);
        int colon = last.indexOf(':');
        var base = (colon < 0 ? last : last.substring(0, colon)).toLowerCase(java.util.Locale.ROOT);
        var label = base.replaceAll("[^a-z0-9-]+", "-").replaceAll("^-+|-+$", "");
        return label.length() > 63 ? label.substring(0, 63) : label;
    }
}
