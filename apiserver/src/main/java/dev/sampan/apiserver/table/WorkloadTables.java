package dev.sampan.apiserver.table;

import static dev.sampan.apiserver.table.Cells.at;
import static dev.sampan.apiserver.table.Cells.number;
import static dev.sampan.apiserver.table.Cells.numberAt;
import static dev.sampan.apiserver.table.Cells.text;
import static dev.sampan.apiserver.table.Cells.textAt;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.table.KindTable.Part;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Deployments, sets, jobs and what belongs to them. */
final class WorkloadTables {

    private static final String POD = "spec.template.spec";

    private WorkloadTables() {}

    static void addTo(Map<GroupResource, KindTable> tables) {
        tables.put(new GroupResource("", "pods"), new PodTable());
        tables.put(new GroupResource("", "podtemplates"), podTemplates());
        tables.put(new GroupResource("", "replicationcontrollers"), replicas(true));
        tables.put(new GroupResource("apps", "replicasets"), replicas(false));
        tables.put(new GroupResource("apps", "deployments"), deployments());
        tables.put(new GroupResource("apps", "statefulsets"), statefulSets());
        tables.put(new GroupResource("apps", "daemonsets"), daemonSets());
        tables.put(new GroupResource("apps", "controllerrevisions"), controllerRevisions());
        tables.put(new GroupResource("batch", "jobs"), jobs());
        tables.put(new GroupResource("batch", "cronjobs"), cronJobs());
    }

    private static Part containers(String podSpec) {
        return Part.wide("Containers", o -> Cells.containers(at(o, podSpec)));
    }

    private static Part images(String podSpec) {
        return Part.wide("Images", o -> Cells.images(at(o, podSpec)));
    }

    private static Part selector() {
        return Part.wide("Selector", o -> Cells.selector(at(o, "spec.selector")));
    }

    private static KindTable podTemplates() {
        return KindTable.of(
                Part.name(),
                Part.text("Containers", o -> Cells.containers(at(o, "template.spec"))),
                Part.text("Images", o -> Cells.images(at(o, "template.spec"))),
                Part.text("Pod Labels", o -> Cells.labels(at(o, "template.metadata.labels"))));
    }

    private static KindTable replicas(boolean plainSelector) {
        return KindTable.of(
                Part.name(),
                Part.number("Desired", numberAt("spec.replicas")),
                Part.number("Current", numberAt("status.replicas")),
                Part.number("Ready", numberAt("status.readyReplicas")),
                Part.age(),
                containers(POD),
                images(POD),
                plainSelector ? Part.wide("Selector", o -> Cells.labels(at(o, "spec.selector"))) : selector());
    }

    private static KindTable deployments() {
        return KindTable.of(
                Part.name(),
                Part.text("Ready", o -> number(o, "status.readyReplicas") + "/" + number(o, "spec.replicas")),
                Part.number("Up-to-date", numberAt("status.updatedReplicas")),
                Part.number("Available", numberAt("status.availableReplicas")),
                Part.age(),
                containers(POD),
                images(POD),
                selector());
    }

    private static KindTable statefulSets() {
        return KindTable.of(
                Part.name(),
                Part.text("Ready", o -> number(o, "status.readyReplicas") + "/" + number(o, "spec.replicas")),
                Part.age(),
                containers(POD),
                images(POD));
    }

    private static KindTable daemonSets() {
        return KindTable.of(
                Part.name(),
                Part.number("Desired", numberAt("status.desiredNumberScheduled")),
                Part.number("Current", numberAt("status.currentNumberScheduled")),
                Part.number("Ready", numberAt("status.numberReady")),
                Part.number("Up-to-date", numberAt("status.updatedNumberScheduled")),
                Part.number("Available", numberAt("status.numberAvailable")),
                Part.text("Node Selector", o -> Cells.labels(at(o, POD + ".nodeSelector"))),
                Part.age(),
                containers(POD),
                images(POD),
                selector());
    }

    private static KindTable controllerRevisions() {
        return KindTable.of(
                Part.name(),
                Part.text("Controller", WorkloadTables::controller),
                Part.number("Revision", numberAt("revision")),
                Part.age());
    }

    private static String controller(JsonNode object) {
        for (var owner : at(object, "metadata.ownerReferences")) {
            if (owner.path("controller").asBoolean(false)) {
                var apiVersion = owner.path("apiVersion").asString("");
                int slash = apiVersion.indexOf('/');
                var kind = owner.path("kind").asString("").toLowerCase(java.util.Locale.ROOT);
                var group = slash < 0 ? "" : "." + apiVersion.substring(0, slash);
                return kind + group + "/" + owner.path("name").asString("");
            }
        }
        return Cells.NONE;
    }

    private static KindTable jobs() {
        return KindTable.of(
                Part.name(),
                Part.text("Status", WorkloadTables::jobStatus),
                Part.text("Completions", WorkloadTables::completions),
                new Part(
                        Column.of("Duration", "string", "Time required to complete the job."),
                        WorkloadTables::duration),
                Part.age(),
                containers(POD),
                images(POD),
                selector());
    }

    private static String jobStatus(JsonNode job) {
        if (Cells.isTrue(job, "Complete")) {
            return "Complete";
        }
        if (Cells.isTrue(job, "Failed")) {
            return "Failed";
        }
        if (job.path("metadata").has("deletionTimestamp")) {
            return "Terminating";
        }
        for (var type : new String[] {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
            if (Cells.isTrue(job, type)) {
                return type;
            }
        }
        return "Running";
    }

    private static String completions(JsonNode job) {
        long succeeded = number(job, "status.succeeded");
        var wanted = at(job, "spec.completions");
        if (wanted.isNumber()) {
            return succeeded + "/" + wanted.asLong();
        }
        long parallelism = number(job, "spec.parallelism");
        return parallelism > 1 ? succeeded + "/1 of " + parallelism : succeeded + "/1";
    }

    private static String duration(JsonNode job, Instant now) {
        var start = text(job, "status.startTime");
        if (start.isEmpty()) {
            return "";
        }
        var end = text(job, "status.completionTime");
        return Ages.human(Duration.between(Instant.parse(start), end.isEmpty() ? now : Instant.parse(end)));
    }

    private static KindTable cronJobs() {
        var pod = "spec.jobTemplate.spec.template.spec";
        return KindTable.of(
                Part.name(),
                Part.text("Schedule", textAt("spec.schedule")),
                Part.text("Timezone", Cells.textOrNone("spec.timeZone")),
                Part.of("Suspend", "boolean", o -> at(o, "spec.suspend").asBoolean(false) ? "True" : "False"),
                Part.number("Active", Cells.countAt("status.active")),
                new Part(Column.of("Last Schedule", "string", "When a job was last scheduled."), (o, now) -> {
                    var last = text(o, "status.lastScheduleTime");
                    return last.isEmpty() ? Cells.NONE : Ages.since(last, now);
                }),
                Part.age(),
                containers(pod),
                images(pod),
                Part.wide("Selector", o -> Cells.selector(at(o, "spec.jobTemplate.spec.selector"))));
    }
}
