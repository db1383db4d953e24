package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.node.ObjectNode;

/** Volumes, claims and what CSI registers, as objects. */
record StorageRows(Cluster cluster) {

    private static final String GROUP = "storage.k8s.io";

    private static final String VOLUME = """
            spec:
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOnce]
              persistentVolumeReclaimPolicy: Retain
              storageClassName: row
              csi: {driver: e2e.example.com, volumeHandle: e2e}
            """;

    private static final String CLAIM = """
            spec: {accessModes: [ReadWriteOnce], storageClassName: row, resources: {requests: {storage: 1Gi}}}
            """;

    private Resource volumes() {
        return new Resource(cluster, "", "v1", "persistentvolumes", "PersistentVolume", "", VOLUME);
    }

    private Resource claims() {
        return new Resource(
                cluster, "", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", cluster.namespace(), CLAIM);
    }

    @Row(363)
    void runsThroughTheLifeOfAVolumeAndAClaim() {
        volumes().cycle();
        claims().cycle();
        var volumes = volumes();
        volumes.create("pv", "life");
        cluster.patch(volumes.path("pv"), "spec: {csi: {volumeHandle: other}}").refused(422);
        volumes.remove("pv");
    }

    @Row(362)
    void changesTheStatusOfAVolumeAndAClaim() {
        var volumes = volumes();
        volumes.create("pv-status", "status");
        volumes.status(
                "pv-status",
                "status: {phase: Available, message: E2E patchStatus, reason: E2E}",
                "status.reason",
                "E2E");
        var claims = claims();
        claims.create("pvc", "status");
        claims.status(
                "pvc",
                "status: {phase: Pending, conditions: [{type: StatusPatched, status: 'True', reason: E2E, message: m}]}",
                "status.conditions.0.type",
                "StatusPatched");
        volumes.remove("pv-status");
    }

    @Row(401)
    void runsThroughTheLifeOfAStorageClass() {
        var classes = new Resource(
                cluster, GROUP, "v1", "storageclasses", "StorageClass", "", "provisioner: e2e-fake-provisioner");
        classes.cycle();
        classes.create("sc", "life");
        assertThat(cluster.get(classes.path("sc")).at("reclaimPolicy")).isEqualTo("Delete");
        assertThat(cluster.get(classes.path("sc")).at("volumeBindingMode")).isEqualTo("Immediate");
        cluster.patch(classes.path("sc"), "provisioner: other").refused(422);
        cluster.delete(classes.path("sc")).ok();
    }

    @Row(319)
    void runsThroughTheLifeOfACsiDriver() {
        var drivers = new Resource(
                cluster,
                GROUP,
                "v1",
                "csidrivers",
                "CSIDriver",
                "",
                "spec: {attachRequired: true, volumeLifecycleModes: [Ephemeral]}");
        drivers.cycle();
        var created = drivers.create("driver", "life");
        assertThat(created.at("spec.podInfoOnMount")).isEqualTo("false");
        assertThat(created.at("spec.fsGroupPolicy")).isEqualTo("ReadWriteOnceWithFSType");
        assertThat(created.at("spec.storageCapacity")).isEqualTo("false");
        cluster.patch(drivers.path("driver"), "spec: {attachRequired: false}").refused(422);
        cluster.patch(drivers.path("driver"), "spec: {requiresRepublish: true}").ok();
        cluster.delete(drivers.path("driver")).ok();
    }

    @Row(321)
    void runsThroughTheLifeOfACsiNode() {
        var nodes = new Resource(
                cluster,
                GROUP,
                "v1",
                "csinodes",
                "CSINode",
                "",
                "spec: {drivers: [{name: driver, nodeID: node, topologyKeys: [a]}]}");
        nodes.cycle();
        nodes.create("node", "life");
        cluster.patch(nodes.path("node"), "spec: {drivers: [{name: driver, nodeID: other, topologyKeys: [a]}]}")
                .refused(422);
        cluster.patch(
                        nodes.path("node"),
                        "spec: {drivers: [{name: driver, nodeID: node, topologyKeys: [a]}, {name: second, nodeID: node}]}")
                .ok();
        cluster.delete(nodes.path("node")).ok();
    }

    @Row(322)
    void storageCapacities() {
        var capacities = new Resource(
                cluster, GROUP, "v1", "csistoragecapacities", "CSIStorageCapacity", cluster.namespace(), """
                storageClassName: example
                nodeTopology: {}
                capacity: 123Gi
                """);
        capacities.cycle();
        capacities.create("c", "life");
        cluster.patch(capacities.path("c"), "storageClassName: other").refused(422);
        cluster.patch(capacities.path("c"), "capacity: 1Gi").ok();
    }

    private static final String ATTACHMENT = """
            spec: {attacher: e2e.example.com, nodeName: node, source: {persistentVolumeName: pv}}
            """;

    @Row(408)
    void runsThroughTheLifeOfAVolumeAttachment() {
        var attachments = new Resource(cluster, GROUP, "v1", "volumeattachments", "VolumeAttachment", "", ATTACHMENT);
        attachments.cycle();
        attachments.create("va", "life");
        cluster.patch(attachments.path("va"), "spec: {nodeName: other}").refused(422);
        cluster.delete(attachments.path("va")).ok();
    }

    @Row(407)
    void changesTheStatusOfAVolumeAttachment() {
        var attachments = new Resource(cluster, GROUP, "v1", "volumeattachments", "VolumeAttachment", "", ATTACHMENT);
        var created = attachments.create("va-status", "status");
        assertThat(created.at("status.attached")).isEqualTo("false");
        attachments.status(
                "va-status", "status: {attached: true, attachmentMetadata: {a: b}}", "status.attached", "true");
        var spec = cluster.patch(attachments.path("va-status"), "status: {attached: false}")
                .ok();
        assertThat(spec.at("status.attached")).isEqualTo("true");
        var object = (ObjectNode) spec.body().deepCopy();
        ((ObjectNode) object.get("status")).put("attached", false);
        assertThat(cluster.put(attachments.path("va-status") + "/status", object.toString())
                        .ok()
                        .at("status.attached"))
                .isEqualTo("false");
        cluster.delete(attachments.path("va-status")).ok();
    }
}
