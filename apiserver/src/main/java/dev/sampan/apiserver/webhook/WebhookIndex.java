package dev.sampan.apiserver.webhook;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The webhooks of one sort, in the order of their configurations' names. The store's thread writes, requests read a
 * snapshot.
 */
final class WebhookIndex implements AutoCloseable {

    private final TreeMap<String, List<Webhook>> byConfiguration = new TreeMap<>();
    private final AutoCloseable follower;
    private volatile List<Webhook> all = List.of();

    /** @param sort {@code validating} or {@code mutating} */
    WebhookIndex(Objects objects, String sort) {
        var resource = new GroupResource("admissionregistration.k8s.io", sort + "webhookconfigurations");
        follower = objects.follow(resource, this::changed);
    }

    List<Webhook> all() {
        return all;
    }

    private synchronized void changed(@Nullable ObjectNode before, @Nullable ObjectNode after) {
        if (after != null) {
            var webhooks = new ArrayList<Webhook>();
            after.path("webhooks").forEach(w -> webhooks.add(Webhook.of(Meta.name(after), w)));
            byConfiguration.put(Meta.name(after), webhooks);
        } else if (before != null) {
            byConfiguration.remove(Meta.name(before));
        }
        all = byConfiguration.values().stream().flatMap(List::stream).toList();
    }

    @Override
    public void close() throws Exception {
        follower.close();
    }
}
