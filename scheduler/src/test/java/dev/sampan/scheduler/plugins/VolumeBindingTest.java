package dev.sampan.scheduler.plugins;

import static dev.sampan.scheduler.testing.Fixtures.info;
import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.nodeInfo;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.snapshot;
import static dev.sampan.scheduler.testing.Fixtures.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.scheduler.framework.ClusterEvent;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import org.junit.jupiter.api.Test;

class VolumeBindingTest {

    private final VolumeBinding plugin = new VolumeBinding();

    private static Pod mounting(String claim) {
        return pod("p", "volumes: [{name: v, persistentVolumeClaim: {claimName: %s}}]".formatted(claim));
    }

    private static PersistentVolumeClaim claim(String spec, String status) {
        return yaml("""
                metadata: {name: data, namespace: default}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}, %s}
                status: %s
                """.formatted(spec, status), PersistentVolumeClaim.class);
    }

    private static PersistentVolume volume(String name, String size, String node) {
        return yaml("""
                metadata: {name: %s}
                spec:
                  accessModes: [ReadWriteOnce]
                  capacity: {storage: %s}
                  storageClassName: local
                  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]}]}}
                """.formatted(name, size, node), PersistentVolume.class);
    }

    private static StorageClass storageClass(String provisioner) {
        return yaml(
                "metadata: {name: local}\nprovisioner: %s\nvolumeBindingMode: WaitForFirstConsumer"
                        .formatted(provisioner),
                StorageClass.class);
    }

    @Test
    void missingClaim() {
        assertThat(Verdicts.filter(plugin, mounting("data"), snapshot(node("a"))))
                .containsEntry("a", "persistentvolumeclaim \"data\" not found !");
    }

    @Test
    void unboundImmediateClaim() {
        var snapshot = snapshot(node("a"), claim("storageClassName: fast", "{phase: Pending}"));
        assertThat(Verdicts.filter(plugin, mounting("data"), snapshot))
                .containsEntry("a", "pod has unbound immediate PersistentVolumeClaims !");
    }

    @Test
    void boundClaimGoesWhereItsVolumeIs() {
        var snapshot =
                snapshot(node("a"), node("b"), claim("volumeName: pv", "{phase: Bound}"), volume("pv", "5Gi", "b"));
        assertThat(Verdicts.filter(plugin, mounting("data"), snapshot))
                .containsEntry("a", "node(s) had volume node affinity conflict !")
                .containsEntry("b", "ok");
    }

    @Test
    void boundToAVolumeThatIsGone() {
        var snapshot = snapshot(node("a"), claim("volumeName: pv", "{phase: Bound}"));
        assertThat(Verdicts.filter(plugin, mounting("data"), snapshot))
                .containsEntry("a", "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s) !");
    }

    @Test
    void waitingClaimIsProvisionedForTheChosenNode() {
        var snapshot = snapshot(node("a"), claim("storageClassName: local", "{phase: Pending}"), storageClass("x/y"));
        assertThat(Verdicts.filter(plugin, mounting("data"), snapshot)).containsEntry("a", "ok");
        var plan = VolumePlan.of(info(mounting("data")), nodeInfo(snapshot, "a"), snapshot);
        assertThat(plan.provision()).hasSize(1);
        assertThat(plan.bind()).isEmpty();
    }

    @Test
    void waitingClaimTakesTheSmallestVolumeThatSuffices() {
        var snapshot = snapshot(
                node("a"),
                node("b"),
                claim("storageClassName: local", "{phase: Pending}"),
                storageClass("kubernetes.io/no-provisioner"),
                volume("tiny", "1Gi", "a"),
                volume("large", "50Gi", "a"),
                volume("right", "6Gi", "a"));
        assertThat(Verdicts.filter(plugin, mounting("data"), snapshot))
                .containsEntry("a", "ok")
                .containsEntry("b", "node(s) didn't find available persistent volumes to bind !");
        var plan = VolumePlan.of(info(mounting("data")), nodeInfo(snapshot, "a"), snapshot);
        assertThat(plan.bind())
                .hasEntrySatisfying(
                        "data", v -> assertThat(v.getMetadata().getName()).isEqualTo("right"));
    }

    @Test
    void itsOwnClaimWakesThePod() {
        var pod = info(mounting("data"));
        var mine = claim("volumeName: pv", "{phase: Bound}");
        var other = claim("volumeName: pv", "{phase: Bound}");
        other.getMetadata().setName("other");
        assertThat(plugin.mayUnblock(new ClusterEvent.ClaimChanged(mine), pod)).isTrue();
        assertThat(plugin.mayUnblock(new ClusterEvent.ClaimChanged(other), pod)).isFalse();
    }
}
