package dev.sampan.apiserver.table;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Pods: the status column tells what a person wants to know, from phase, conditions and container states. */
final class PodTable implements KindTable {

    private static final List<Column> COLUMNS = List.of(
            Part.name().column(),
            Column.of("Ready", "string", "The aggregate readiness state of this pod for accepting traffic."),
            Column.of("Status", "string", "The aggregate status of the containers in this pod."),
            Column.of(
                    "Restarts",
                    "string",
                    "The number of times the containers in this pod have been restarted and when the last container in this"
                            + " pod has restarted."),
            Part.age().column(),
            Column.wide("IP", "string", "IP address allocated to the pod."),
            Column.wide("Node", "string", "Name of the node the pod runs on."),
            Column.wide("Nominated Node", "string", "Node that the pod will probably run on after preemption."),
            Column.wide("Readiness Gates", "string", "Conditions that must hold for the pod to be ready."));

    @Override
    public List<Column> columns() {
        return COLUMNS;
    }

    @Override
    public List<Object> cells(JsonNode pod, Instant now) {
        var summary = new Summary(pod);
        return List.of(
                Cells.text(pod, "metadata.name"),
                summary.ready + "/" + summary.total,
                summary.status(),
                summary.restarts(now),
                Ages.of(pod, now),
                Cells.or(Cells.text(pod, "status.podIP"), Cells.NONE),
                Cells.or(Cells.text(pod, "spec.nodeName"), Cells.NONE),
                Cells.or(Cells.text(pod, "status.nominatedNodeName"), Cells.NONE),
                gates(pod));
    }

    private static String gates(JsonNode pod) {
        var gates = Cells.at(pod, "spec.readinessGates");
        if (gates.isEmpty()) {
            return Cells.NONE;
        }
        int met = 0;
        for (var gate : gates) {
            met += Cells.isTrue(pod, gate.path("conditionType").asString("")) ? 1 : 0;
        }
        return met + "/" + gates.size();
    }

    /** What the containers' states add up to. */
    private static final class Summary {
        private final JsonNode pod;
        private int total;
        private int ready;
        private long restarts;
        private String lastRestart = "";
        private String reason;

        Summary(JsonNode pod) {
            this.pod = pod;
            this.total = Cells.at(pod, "spec.containers").size();
            this.reason = Cells.or(Cells.text(pod, "status.reason"), Cells.text(pod, "status.phase"));
            if (gated()) {
                reason = "SchedulingGated";
            }
            boolean initializing = addInitContainers();
            if (!initializing || Cells.isTrue(pod, "Initialized")) {
                addContainers();
            }
        }

        private boolean gated() {
            for (var condition : Cells.at(pod, "status.conditions")) {
                if (condition.path("type").asString("").equals("PodScheduled")
                        && condition.path("reason").asString("").equals("SchedulingGated")) {
                    return true;
                }
            }
            return false;
        }

        /** Whether an init container is not done yet. */
        private boolean addInitContainers() {
            var sidecars = new java.util.HashSet<String>();
            for (var container : Cells.at(pod, "spec.initContainers")) {
                if (container.path("restartPolicy").asString("").equals("Always")) {
                    sidecars.add(container.path("name").asString(""));
                }
            }
            total += sidecars.size();
            long sidecarRestarts = 0;
            var sidecarLast = "";
            int index = 0;
            for (var status : Cells.at(pod, "status.initContainerStatuses")) {
                addRestarts(status);
                boolean sidecar = sidecars.contains(status.path("name").asString(""));
                if (sidecar) {
                    sidecarRestarts += status.path("restartCount").asLong(0);
                    sidecarLast = later(sidecarLast, Cells.text(status, "lastState.terminated.finishedAt"));
                }
                if (pending(status, sidecar, index++)) {
                    return true;
                }
            }
            restarts = sidecarRestarts;
            lastRestart = sidecarLast;
            return false;
        }

        private boolean pending(JsonNode status, boolean sidecar, int index) {
            var state = status.path("state");
            if (state.has("terminated") && Cells.number(state, "terminated.exitCode") == 0) {
                return false;
            }
            if (sidecar && status.path("started").asBoolean(false)) {
                ready += status.path("ready").asBoolean(false) ? 1 : 0;
                return false;
            }
            if (state.has("terminated")) {
                reason = "Init:" + ended(state.path("terminated"));
            } else if (!Set.of("", "PodInitializing").contains(Cells.text(state, "waiting.reason"))) {
                reason = "Init:" + Cells.text(state, "waiting.reason");
            } else {
                reason = "Init:" + index + "/"
                        + Cells.at(pod, "spec.initContainers").size();
            }
            return true;
        }

        private void addContainers() {
            boolean running = false;
            var statuses = Cells.at(pod, "status.containerStatuses");
            for (int i = statuses.size() - 1; i >= 0; i--) {
                var status = statuses.get(i);
                addRestarts(status);
                var state = status.path("state");
                if (!Cells.text(state, "waiting.reason").isEmpty()) {
                    reason = Cells.text(state, "waiting.reason");
                } else if (state.has("terminated")) {
                    reason = ended(state.path("terminated"));
                } else if (status.path("ready").asBoolean(false) && state.has("running")) {
                    running = true;
                    ready++;
                }
            }
            if (reason.equals("Completed") && running) {
                reason = Cells.isTrue(pod, "Ready") ? "Running" : "NotReady";
            }
        }

        private static String ended(JsonNode terminated) {
            var why = terminated.path("reason").asString("");
            if (!why.isEmpty()) {
                return why;
            }
            long signal = terminated.path("signal").asLong(0);
            return signal != 0
                    ? "Signal:" + signal
                    : "ExitCode:" + terminated.path("exitCode").asLong(0);
        }

        private void addRestarts(JsonNode status) {
            restarts += status.path("restartCount").asLong(0);
            lastRestart = later(lastRestart, Cells.text(status, "lastState.terminated.finishedAt"));
        }

        private static String later(String a, String b) {
            return a.compareTo(b) >= 0 ? a : b;
        }

        String status() {
            if (pod.path("metadata").has("deletionTimestamp")) {
                if (Cells.text(pod, "status.reason").equals("NodeLost")) {
                    return "Unknown";
                }
                var phase = Cells.text(pod, "status.phase");
                if (!phase.equals("Failed") && !phase.equals("Succeeded")) {
                    return "Terminating";
                }
            }
            return reason;
        }

        String restarts(Instant now) {
            return restarts == 0 || lastRestart.isEmpty()
                    ? Long.toString(restarts)
                    : restarts + " (" + Ages.since(lastRestart, now) + " ago)";
        }
    }
}
