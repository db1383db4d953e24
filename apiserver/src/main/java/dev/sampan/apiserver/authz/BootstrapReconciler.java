package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Creates what is missing of the bootstrap roles and bindings and adds rules and subjects that an older version did not
 * have. Nothing is taken away, and an object whose {@code autoupdate} annotation is "false" is left alone, as in
 * Kubernetes.
 */
final class BootstrapReconciler {

    private static final String AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";

    private final Objects objects;

    BootstrapReconciler(Objects objects) {
        this.objects = objects;
    }

    /** Writes run at once, so that the store can make them durable together. */
    void reconcile(BootstrapPolicy policy) throws InterruptedException {
        var writes = new ArrayList<Callable<Void>>();
        policy.roles().forEach(r -> add(writes, r, resource(r)));
        policy.bindings().forEach(b -> add(writes, b, resource(b)));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var done : threads.invokeAll(writes)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("The bootstrap roles could not be written: " + e.getMessage(), e);
        }
    }

    private void add(List<Callable<Void>> writes, ObjectNode wanted, GroupResource resource) {
        var present = objects.get(resource, Meta.namespace(wanted), Meta.name(wanted));
        if (present == null || wants(present, wanted)) {
            writes.add(() -> {
                write(resource, wanted);
                return null;
            });
        }
    }

    private void write(GroupResource resource, ObjectNode wanted) {
        try {
            objects.create(resource, wanted);
        } catch (ApiException e) {
            if (!e.isAlreadyExists()) {
                throw e;
            }
            objects.modify(resource, Meta.namespace(wanted), Meta.name(wanted), latest -> {
                complete(latest, wanted);
                return latest;
            });
        }
    }

    private static boolean wants(ObjectNode present, ObjectNode wanted) {
        var completed = present.deepCopy();
        complete(completed, wanted);
        return !completed.equals(present);
    }

    private static void complete(ObjectNode present, ObjectNode wanted) {
        if (Meta.annotations(present).getOrDefault(AUTO_UPDATE, "true").equals("false")) {
            return;
        }
        var labels = present.withObject("/metadata/labels");
        Meta.labels(wanted).forEach(labels::put);
        var isRole = wanted.path("kind").stringValue("").endsWith("Role");
        if (!isRole) {
            addMissing(present, wanted, "subjects");
        } else if (wanted.has("aggregationRule")) {
            present.set("aggregationRule", wanted.path("aggregationRule"));
        } else {
            var missing = Rule.missing(Rule.listOf(present.path("rules")), Rule.listOf(wanted.path("rules")));
            CompactRules.of(missing)
                    .forEach(r -> r.writeTo(present.withArray("rules").addObject()));
        }
    }

    private static void addMissing(ObjectNode present, ObjectNode wanted, String field) {
        for (var item : wanted.path(field)) {
            var known = false;
            for (var other : present.path(field)) {
                known |= other.equals(item);
            }
            if (!known) {
                present.withArray(field).add(item);
            }
        }
    }

    private static GroupResource resource(ObjectNode object) {
        return switch (object.path("kind").stringValue("")) {
            case "ClusterRole" -> RbacState.CLUSTER_ROLES;
            case "Role" -> RbacState.ROLES;
            case "ClusterRoleBinding" -> RbacState.CLUSTER_ROLE_BINDINGS;
            default -> RbacState.ROLE_BINDINGS;
        };
    }
}
