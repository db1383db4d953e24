package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

/** FlowSchemas and PriorityLevelConfigurations as objects. */
record FlowControlRows(Cluster cluster) {

    private static final String GROUP = "flowcontrol.apiserver.k8s.io";
    private static final String STATUS =
            "status: {conditions: [{type: PatchStatusFailed, status: 'False', reason: Row, message: status}]}";

    @Row(1)
    void flowSchemas() {
        var schemas = new Resource(cluster, GROUP, "v1", "flowschemas", "FlowSchema", "", """
                spec:
                  matchingPrecedence: 10000
                  priorityLevelConfiguration: {name: global-default}
                  distinguisherMethod: {type: ByUser}
                  rules:
                  - subjects: [{kind: User, user: {name: example-e2e-non-existent-user}}]
                    nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}]
                """);
        operations(schemas);
    }

    @Row(2)
    void priorityLevels() {
        var levels = new Resource(
                cluster, GROUP, "v1", "prioritylevelconfigurations", "PriorityLevelConfiguration", "", """
                spec:
                  type: Limited
                  limited: {nominalConcurrencyShares: 2, limitResponse: {type: Reject}}
                """);
        operations(levels);
    }

    private void operations(Resource resource) {
        resource.cycle();
        var name = cluster.unique("flow");
        resource.create(name, "status");
        resource.status(name, STATUS, "status.conditions.0.type", "PatchStatusFailed");
        var changed = cluster.patch(resource.path(name), "spec: {matchingPrecedence: 9999}");
        assertThat(changed.code()).isEqualTo(200);
        cluster.delete(resource.path(name)).ok();
    }
}
