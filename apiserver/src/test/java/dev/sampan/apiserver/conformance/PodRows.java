package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

/** What the API does to Pods. */
record PodRows(Cluster cluster) {

    private String pods() {
        return "/api/v1/namespaces/" + cluster.namespace() + "/pods";
    }

    private static String pod(String spec) {
        return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {" + spec + "}";
    }

    @Row(261)
    void setsTheQosClass() {
        var path = pods();
        var resources = "{cpu: 100m, memory: 100Mi}";
        var container =
                "containers: [{name: c, image: i, resources: {requests: %1$s, limits: %1$s}}]".formatted(resources);
        cluster.post(path, pod(container)).refused(201);
        assertThat(cluster.get(path + "/p").at("status.qosClass")).isEqualTo("Guaranteed");
    }

    @Row(298)
    void refusesInvalidSysctls() {
        var sysctls = """
                securityContext: {sysctls: [{name: foo-, value: bar}, {name: kernel.shmmax, value: '100000000'},
                  {name: safe-and-unsafe, value: '100000000'}, {name: bar.., value: '42'}]},
                containers: [{name: c, image: i}]""";
        var answer = cluster.post(pods(), pod(sysctls)).refused(422);
        assertThat(answer.message())
                .contains("Invalid value: \"foo-\"", "Invalid value: \"bar..\"")
                .doesNotContain("safe-and-unsafe\":")
                .doesNotContain("kernel.shmmax");
    }

    @Row(320)
    void supportsInlineCsiVolumes() {
        var path = pods();
        var csi = """
                containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /mnt}]}],
                volumes: [{name: v, csi: {driver: e2e.example.com, readOnly: true, volumeAttributes: {a: b}}}]""";
        var created = cluster.post(path, pod(csi)).refused(201);
        assertThat(created.at("spec.volumes.0.csi.driver")).isEqualTo("e2e.example.com");
        assertThat(created.at("spec.volumes.0.csi.volumeAttributes.a")).isEqualTo("b");
        assertThat(cluster.names(path)).containsExactly("p");
        cluster.patch(path + "/p", "metadata: {labels: {x: z}}").ok();
        assertThat(cluster.get(path + "/p").at("spec.volumes.0.csi.readOnly")).isEqualTo("true");
        cluster.delete(path + "/p?gracePeriodSeconds=0").ok();
        assertThat(cluster.names(path)).isEmpty();
    }

    @Row(151)
    void letsPodsOptOutOfTokens() {
        var namespace = cluster.namespace();
        var accounts = "/api/v1/namespaces/" + namespace + "/serviceaccounts";
        var account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: %s}\n%s";
        cluster.post(accounts, account.formatted("mount", "automountServiceAccountToken: true"))
                .ok();
        cluster.post(accounts, account.formatted("nomount", "automountServiceAccountToken: false"))
                .ok();
        expectToken(namespace, "default", "", true);
        expectToken(namespace, "default", "true", true);
        expectToken(namespace, "default", "false", false);
        expectToken(namespace, "mount", "", true);
        expectToken(namespace, "mount", "true", true);
        expectToken(namespace, "mount", "false", false);
        expectToken(namespace, "nomount", "", false);
        expectToken(namespace, "nomount", "true", true);
        expectToken(namespace, "nomount", "false", false);
    }

    private void expectToken(String namespace, String account, String own, boolean expected) {
        var asked = own.isEmpty() ? "" : ", automountServiceAccountToken: " + own;
        var spec = "serviceAccountName: " + account + asked + ", containers: [{name: c, image: i}]";
        var pod = cluster.post("/api/v1/namespaces/" + namespace + "/pods?dryRun=All", pod(spec))
                .refused(201);
        var mounts = pod.body().at("/spec/containers/0/volumeMounts").toString();
        assertThat(mounts.contains("/var/run/secrets/kubernetes.io/serviceaccount"))
                .as(account + " " + own)
                .isEqualTo(expected);
    }
}
