package dev.sampan.scheduler.plugins;

import static dev.sampan.scheduler.testing.Fixtures.info;
import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.on;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.snapshot.NodeInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters that look at nothing but the node: each row is a pod, a node and the answer. */
class SimpleFiltersTest {

    @Test
    void nodeNameKeepsToTheNamedNode() {
        var verdicts = Verdicts.filter(new NodeName(), on("a", pod("p", "")), snapshot(node("a"), node("b")));
        assertThat(verdicts)
                .containsEntry("a", "ok")
                .containsEntry("b", "node(s) didn't match the requested node name !");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                    |                                                                       | ok
            {unschedulable: true} |                                                                       | node(s) were unschedulable !
            {unschedulable: true} | tolerations: [{key: node.kubernetes.io/unschedulable, operator: Exists}] | ok
            {unschedulable: true} | tolerations: [{operator: Exists}]                                     | ok
            """)
    void nodeUnschedulable(String nodeSpec, String podSpec, String verdict) {
        var pod = pod("p", podSpec == null ? "" : podSpec);
        assertThat(Verdicts.filter(new NodeUnschedulable(), pod, snapshot(node("a", nodeSpec))))
                .containsEntry("a", verdict);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {key: gpu, value: a100, effect: NoSchedule} |                                                        | node(s) had untolerated taint {gpu: a100} !
            {key: gpu, effect: NoExecute}               |                                                        | node(s) had untolerated taint {gpu: } !
            {key: gpu, effect: PreferNoSchedule}        |                                                        | ok
            {key: gpu, value: a100, effect: NoSchedule} | {key: gpu, operator: Exists}                           | ok
            {key: gpu, value: a100, effect: NoSchedule} | {key: gpu, value: a100, effect: NoSchedule}            | ok
            {key: gpu, value: a100, effect: NoSchedule} | {key: gpu, value: h100}                                | node(s) had untolerated taint {gpu: a100} !
            {key: gpu, value: a100, effect: NoSchedule} | {key: gpu, operator: Exists, effect: NoExecute}        | node(s) had untolerated taint {gpu: a100} !
            {key: gpu, effect: NoSchedule}              | {operator: Exists}                                     | ok
            {key: level, value: '5', effect: NoSchedule} | {key: level, operator: Gt, value: '3'}                | ok
            {key: level, value: '5', effect: NoSchedule} | {key: level, operator: Lt, value: '3'}                | node(s) had untolerated taint {level: 5} !
            """, quoteCharacter = '"')
    void taintToleration(String taint, String toleration, String verdict) {
        var pod = pod("p", toleration == null ? "" : "tolerations: [" + toleration + "]");
        assertThat(Verdicts.filter(new TaintToleration(), pod, snapshot(node("a", "{taints: [" + taint + "]}"))))
                .containsEntry("a", verdict);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            nodeSelector: {disk: ssd}   | ok        | node(s) didn't match Pod's node affinity/selector !
            nodeSelector: {disk: hdd}   | node(s) didn't match Pod's node affinity/selector ! | node(s) didn't match Pod's node affinity/selector !
            [{matchExpressions: [{key: disk, operator: Exists}]}]                   | ok | node(s) didn't match Pod's node affinity/selector !
            [{matchExpressions: [{key: disk, operator: NotIn, values: [ssd]}]}]     | node(s) didn't match Pod's node affinity/selector ! | ok
            [{matchExpressions: [{key: cores, operator: Gt, values: ['7']}]}]       | ok | node(s) didn't match Pod's node affinity/selector !
            [{matchExpressions: [{key: nope, operator: Exists}]}, {matchExpressions: [{key: disk, operator: DoesNotExist}]}] | node(s) didn't match Pod's node affinity/selector ! | ok
            [{matchFields: [{key: metadata.name, operator: In, values: [b]}]}]      | not asked | ok
            """)
    void nodeAffinity(String spec, String a, String b) {
        String yaml = spec.startsWith("[")
                ? "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
                        + spec + "}}}"
                : spec;
        var verdicts = Verdicts.filter(
                new NodeAffinity(), pod("p", yaml), snapshot(node("a disk=ssd cores=8"), node("b cores=4")));
        assertThat(verdicts).containsEntry("a", a).containsEntry("b", b);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {containerPort: 1, hostPort: 80}                        | {containerPort: 1, hostPort: 80}                     | taken
            {containerPort: 1, hostPort: 80}                        | {containerPort: 1, hostPort: 81}                     | ok
            {containerPort: 1, hostPort: 80}                        | {containerPort: 1, hostPort: 80, protocol: UDP}      | ok
            {containerPort: 1, hostPort: 80, hostIP: 127.0.0.1}     | {containerPort: 1, hostPort: 80, hostIP: 127.0.0.2}  | ok
            {containerPort: 1, hostPort: 80, hostIP: 127.0.0.1}     | {containerPort: 1, hostPort: 80}                     | taken
            {containerPort: 80}                                     | {containerPort: 80}                                  | ok
            """)
    void nodePorts(String used, String wanted, String verdict) {
        String spec = "containers: [{name: c, image: i, ports: [%s]}]";
        var snapshot = snapshot(node("a"), on("a", pod("other", spec.formatted(used))));
        assertThat(Verdicts.filter(new NodePorts(), pod("p", spec.formatted(wanted)), snapshot))
                .containsEntry(
                        "a",
                        verdict.equals("taken")
                                ? "node(s) didn't have free ports for the requested pod ports"
                                : verdict);
    }

    @Test
    void hintsWakeOnlyForChangesThatHelp() {
        var cordoned = NodeInfo.of(node("a", "{unschedulable: true, taints: [{key: k, effect: NoSchedule}]}"));
        var open = NodeInfo.of(node("a disk=ssd"));
        var opened = new ClusterEvent.NodeChanged(cordoned, open);
        var closed = new ClusterEvent.NodeChanged(open, cordoned);
        var pod = info(pod("p", "nodeSelector: {disk: ssd}"));
        for (var plugin : new dev.sampan.scheduler.framework.Plugin[] {
            new NodeUnschedulable(), new TaintToleration(), new NodeAffinity()
        }) {
            assertThat(plugin.mayUnblock(opened, pod)).as(plugin.name()).isTrue();
            assertThat(plugin.mayUnblock(closed, pod)).as(plugin.name()).isFalse();
        }
    }
}
