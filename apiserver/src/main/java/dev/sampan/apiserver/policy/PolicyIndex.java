package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** Keeps the policies of one sort compiled, with their bindings. The store's thread writes, requests read a snapshot. */
final class PolicyIndex implements AutoCloseable {

    private static final String GROUP = "admissionregistration.k8s.io";

    /** A policy that is bound at least once. */
    record Bound(Policy policy, List<ObjectNode> bindings) {}

    private final TreeMap<String, Policy> policies = new TreeMap<>();
    private final TreeMap<String, ObjectNode> bindings = new TreeMap<>();
    private final List<AutoCloseable> followers = new ArrayList<>();
    private volatile List<Bound> snapshot = List.of();

    /** @param sort {@code validating} or {@code mutating} */
    PolicyIndex(Objects objects, String sort) {
        followers.add(objects.follow(new GroupResource(GROUP, sort + "admissionpolicies"), (before, after) -> {
            if (after != null) {
                put(after, before);
            } else if (before != null) {
                remove(Meta.name(before), true);
            }
        }));
        followers.add(objects.follow(new GroupResource(GROUP, sort + "admissionpolicybindings"), (before, after) -> {
            if (after != null) {
                bind(after);
            } else if (before != null) {
                remove(Meta.name(before), false);
            }
        }));
    }

    /** In the order of the policies' names, then of the bindings'. */
    List<Bound> bound() {
        return snapshot;
    }

    private synchronized void put(ObjectNode policy, @org.jspecify.annotations.Nullable ObjectNode before) {
        if (before != null
                && policies.containsKey(Meta.name(policy))
                && before.path("spec").equals(policy.path("spec"))) {
            return;
        }
        policies.put(Meta.name(policy), Policy.compile(policy));
        publish();
    }

    private synchronized void bind(ObjectNode binding) {
        bindings.put(Meta.name(binding), binding);
        publish();
    }

    private synchronized void remove(String name, boolean policy) {
        (policy ? policies : bindings).remove(name);
        publish();
    }

    private void publish() {
        var result = new ArrayList<Bound>();
        for (var policy : policies.values()) {
            var its = bindings.values().stream()
                    .filter(b -> Meta.text(b, "spec", "policyName").equals(policy.name()))
                    .toList();
            if (!its.isEmpty()) {
                result.add(new Bound(policy, its));
            }
        }
        snapshot = List.copyOf(result);
    }

    @Override
    public void close() throws Exception {
        for (var follower : followers) {
            follower.close();
        }
    }
}
