package dev.sampan.controllers.simulation;

import dev.sampan.client.InProcessApi;
import dev.sampan.client.ObjectKey;
import dev.sampan.client.testing.FaultyApi;
import dev.sampan.client.testing.ManualTimers;
import dev.sampan.client.testing.TestApi;
import dev.sampan.controllers.pods.Pods;
import dev.sampan.store.Entry;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One namespace of the API server, seen through a bad connection. Writes down every change for the informers, and checks
 * the bounds after each.
 */
final class World {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final int TRACE = 60;
    private static final Map<Class<? extends HasMetadata>, String> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put(Deployment.class, "apps/deployments");
        KINDS.put(ReplicaSet.class, "apps/replicasets");
        KINDS.put(Pod.class, "core/pods");
    }

    /** How likely each fault is. */
    record Faults(double conflict, double refused, double answerLost, double relist, double restart) {
        static final Faults NONE = new Faults(0, 0, 0, 0, 0);
    }

    final String namespace;
    final ManualTimers time;
    final SteppedInformers.Journal journal = new SteppedInformers.Journal();
    final Bounds bounds = new Bounds();
    Faults faults = Faults.NONE;

    private final TestApi api;
    private final RandomGenerator random;
    private final InProcessApi server;
    private final StableIds ids = new StableIds();
    private final KubernetesSerialization json;
    private final Map<Class<?>, Map<ObjectKey, HasMetadata>> latest = new LinkedHashMap<>();
    private final KubernetesClient direct;
    private final ArrayDeque<String> trace = new ArrayDeque<>();
    private int created;
    private long revision;
    private @Nullable String broken;

    World(TestApi api, ManualTimers time, String namespace, RandomGenerator random) {
        this.api = api;
        this.time = time;
        this.namespace = namespace;
        this.random = random;
        KINDS.keySet().forEach(k -> latest.put(k, new TreeMap<>()));
        var holder = new InProcessApi[1];
        this.direct = api.admin(real -> {
            holder[0] = real;
            return this::handle;
        });
        this.server = holder[0];
        this.json = direct.getKubernetesSerialization();
        this.revision = api.store().snapshot().revision();
    }

    /** The connection of users and of the node, which is a good one. */
    KubernetesClient direct() {
        return direct;
    }

    /** The controllers' connection. */
    KubernetesClient faulty() {
        return api.admin(real -> this::handleBadly);
    }

    @SuppressWarnings("unchecked")
    <T extends HasMetadata> Collection<T> all(Class<T> type) {
        return (Collection<T>) latest.getOrDefault(type, Map.of()).values();
    }

    @Nullable
    Deployment deployment() {
        return all(Deployment.class).stream().findFirst().orElse(null);
    }

    private InProcessApi.Response handleBadly(InProcessApi.Request request) throws IOException {
        if (request.pathAndQuery().contains("/events")) {
            // Written by a thread of the recorder's: must not touch anything here.
            return new InProcessApi.Response.Complete(201, Map.of(), request.body());
        }
        if (request.method().equals("GET")) {
            return handle(request);
        }
        double chance = random.nextDouble();
        if (chance < faults.conflict && !request.method().equals("POST")) {
            return FaultyApi.failure(409, "Conflict");
        }
        if (chance < faults.conflict + faults.refused) {
            return FaultyApi.failure(500, "InternalError");
        }
        var response = handle(request);
        return random.nextDouble() < faults.answerLost ? FaultyApi.failure(504, "Timeout") : response;
    }

    private InProcessApi.Response handle(InProcessApi.Request request) throws IOException {
        var body = ids.toServer(request.body());
        if (request.method().equals("POST") && request.pathAndQuery().endsWith("/pods")) {
            body = named(body);
        }
        var sent = new InProcessApi.Request(request.method(), request.pathAndQuery(), request.headers(), body);
        var response = (InProcessApi.Response.Complete) server.handle(sent);
        if (!request.method().equals("GET")) {
            if (broken == null) {
                note(request, response.status());
            }
            record();
        }
        return new InProcessApi.Response.Complete(
                response.status(), response.headers(), ids.fromServer(response.body()));
    }

    /** Remembers the last writes, for the message of a failure. */
    private void note(InProcessApi.Request request, int status) {
        var state = new StringBuilder();
        all(ReplicaSet.class).forEach(rs -> {
            var counts = rs.getStatus();
            state.append(' ')
                    .append(rs.getMetadata().getName())
                    .append('=')
                    .append(rs.getSpec().getReplicas())
                    .append('/')
                    .append(counts == null ? 0 : orZero(counts.getReplicas()))
                    .append('/')
                    .append(counts == null ? 0 : orZero(counts.getAvailableReplicas()));
        });
        var path = request.pathAndQuery().substring(request.pathAndQuery().lastIndexOf(namespace) + namespace.length());
        trace.add(time.instant() + " " + request.method() + " " + path + " " + status + " from" + state);
        if (trace.size() > TRACE) {
            trace.poll();
        }
    }

    String summary() {
        var deployment = Objects.requireNonNull(deployment());
        var pods = all(Pod.class).stream()
                .map(p ->
                        p.getMetadata().getName() + (Pods.isReady(p) ? "+" : "-") + (Pods.isTerminating(p) ? "!" : ""))
                .toList();
        return deployment.getSpec().getReplicas() + " wanted of "
                + image(deployment.getSpec().getTemplate().getSpec().getContainers()) + ", generation "
                + deployment.getMetadata().getGeneration() + ", status " + deployment.getStatus() + ", pods " + pods;
    }

    String trace() {
        return String.join("\n", trace);
    }

    /** Pods get numbers instead of random names, and the only node there is. */
    private byte[] named(byte[] body) {
        var pod = (ObjectNode) MAPPER.readTree(body);
        var metadata = (ObjectNode) pod.path("metadata");
        metadata.put("name", metadata.path("generateName").asString("") + created++);
        ((ObjectNode) pod.path("spec")).put("nodeName", "node");
        return pod.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Finds what the last request changed. */
    private void record() {
        var snapshot = api.store().snapshot();
        long since = revision;
        revision = snapshot.revision();
        for (var kind : KINDS.entrySet()) {
            var known = Objects.requireNonNull(latest.get(kind.getKey()));
            var gone = new TreeMap<>(known);
            for (var entry : snapshot.range("/registry/" + kind.getValue() + "/" + namespace + "/", null)) {
                var key = new ObjectKey(
                        namespace, entry.key().substring(entry.key().lastIndexOf('/') + 1));
                gone.remove(key);
                if (entry.modRevision() > since) {
                    var object = decode(entry, kind.getKey());
                    known.put(key, object);
                    journal.add(kind.getKey(), key, object, object);
                }
            }
            gone.forEach((key, last) -> {
                known.remove(key);
                journal.add(kind.getKey(), key, null, last);
            });
        }
        check();
    }

    private <T extends HasMetadata> T decode(Entry entry, Class<T> type) {
        var text = new String(ids.fromServer(entry.value()), StandardCharsets.UTF_8);
        var object = json.unmarshal(text, type);
        object.getMetadata().setResourceVersion(Long.toString(entry.modRevision()));
        return object;
    }

    private void check() {
        var deployment = deployment();
        if (deployment == null || deployment.getSpec().getStrategy().getRollingUpdate() == null) {
            return;
        }
        if (isSettled()) {
            bounds.settled(deployment);
        }
        if (broken == null) {
            broken = bounds.broken(deployment, all(ReplicaSet.class), all(Pod.class), time.instant());
        }
    }

    /** Fails when a promise was broken. Not thrown at once, since a controller takes any failure for a reason to retry. */
    void failIfBroken() {
        if (broken != null) {
            throw new AssertionError(broken);
        }
    }

    /** Whether everything is as the deployment wants it, and the deployment says so. */
    boolean isSettled() {
        var deployment = deployment();
        if (deployment == null || deployment.getStatus() == null) {
            return false;
        }
        var status = deployment.getStatus();
        int desired = deployment.getSpec().getReplicas();
        var image = image(deployment.getSpec().getTemplate().getSpec().getContainers());
        return deployment.getMetadata().getGeneration().equals(status.getObservedGeneration())
                && orZero(status.getUpdatedReplicas()) == desired
                && orZero(status.getAvailableReplicas()) == desired
                && orZero(status.getReplicas()) == desired
                && all(Pod.class).size() == desired
                && all(Pod.class).stream()
                        .allMatch(p -> image(p.getSpec().getContainers()).equals(image))
                && all(ReplicaSet.class).stream().allMatch(World::isObserved);
    }

    private static boolean isObserved(ReplicaSet replicaSet) {
        return replicaSet.getStatus() != null
                && replicaSet
                        .getMetadata()
                        .getGeneration()
                        .equals(replicaSet.getStatus().getObservedGeneration())
                && replicaSet
                        .getSpec()
                        .getReplicas()
                        .equals(replicaSet.getStatus().getReplicas());
    }

    private static String image(List<io.fabric8.kubernetes.api.model.Container> containers) {
        return containers.getFirst().getImage();
    }

    private static int orZero(@Nullable Integer value) {
        return value == null ? 0 : value;
    }
}
