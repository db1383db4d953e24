package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

/** CronJobs and PodDisruptionBudgets as objects. */
record BatchRows(Cluster cluster) {

    @Row(99)
    void cronJobs() {
        var jobs = new Resource(cluster, "batch", "v1", "cronjobs", "CronJob", cluster.namespace(), """
                spec:
                  schedule: '* */1 * * ?'
                  concurrencyPolicy: Allow
                  jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: busybox}]}}}}
                """);
        jobs.cycle();
        jobs.create("status", "status");
        var time = "2026-01-01T00:00:00Z";
        jobs.status("status", "status: {lastScheduleTime: '" + time + "'}", "status.lastScheduleTime", time);
        assertThat(cluster.get(jobs.path("status")).at("spec.suspend")).isEqualTo("false");
    }

    @Row(115)
    void listsAndDeletesDisruptionBudgets() {
        var body = "spec: {minAvailable: 1, selector: {matchLabels: {app: a}}}";
        var here = new Resource(
                cluster, "policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", cluster.namespace(), body);
        var there = new Resource(
                cluster, "policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", cluster.namespace(), body);
        here.create("one", "budgets");
        here.create("two", "budgets");
        there.create("three", "budgets");
        var selected = "?labelSelector=row%3Dbudgets";
        assertThat(cluster.names(here.everywhere() + selected)).containsExactlyInAnyOrder("one", "two", "three");
        assertThat(cluster.names(here.path() + selected)).containsExactly("one", "two");
        cluster.delete(here.path() + selected).ok();
        assertThat(cluster.names(here.everywhere() + selected)).containsExactly("three");
    }
}
