package dev.sampan.apiserver.crd;

import dev.sampan.apiserver.registry.Conversion;
import dev.sampan.schema.Defaulter;
import dev.sampan.schema.Pruner;
import dev.sampan.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Between a served version of a custom resource and whatever versions its objects were stored in. What is read is pruned and
 * defaulted again: the schema may be another than when it was written.
 *
 * @param webhook null when only the name of the version changes
 */
record CustomConversion(
        ResourceType served, ResourceType stored, @Nullable ConversionWebhook webhook) implements Conversion {

    @Override
    public ObjectNode toStorage(ObjectNode object) {
        return in(stored, List.of(object)).getFirst();
    }

    @Override
    public ObjectNode fromStorage(ObjectNode object) {
        return in(served, List.of(object)).getFirst();
    }

    @Override
    public List<ObjectNode> fromStorage(List<ObjectNode> objects) {
        return in(served, objects);
    }

    @Override
    public boolean prefersBatches() {
        return webhook != null;
    }

    private List<ObjectNode> in(ResourceType type, List<ObjectNode> objects) {
        var wanted = type.gvk().apiVersion();
        var result = new ArrayList<>(objects);
        if (webhook == null) {
            result.forEach(o -> o.put("apiVersion", wanted));
        } else {
            convert(webhook, type, result);
        }
        for (var object : result) {
            Pruner.prune(object, type.schema());
            Defaulter.apply(object, type.schema());
        }
        return result;
    }

    /** Replaces those of another version; one call for all of one version, as Kubernetes makes them. */
    private static void convert(ConversionWebhook webhook, ResourceType type, List<ObjectNode> objects) {
        var others = new ArrayList<Integer>();
        for (int i = 0; i < objects.size(); i++) {
            if (!objects.get(i)
                    .path("apiVersion")
                    .asString("")
                    .equals(type.gvk().apiVersion())) {
                others.add(i);
            }
        }
        if (!others.isEmpty()) {
            var converted = webhook.convert(others.stream().map(objects::get).toList(), type.gvk());
            for (int i = 0; i < others.size(); i++) {
                objects.set(others.get(i), converted.get(i));
            }
        }
    }
}
