package dev.sampan.scheduler.plugins;

import static dev.sampan.scheduler.testing.Fixtures.info;
import static dev.sampan.scheduler.testing.Fixtures.node;
import static dev.sampan.scheduler.testing.Fixtures.on;
import static dev.sampan.scheduler.testing.Fixtures.pod;
import static dev.sampan.scheduler.testing.Fixtures.requesting;
import static dev.sampan.scheduler.testing.Fixtures.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.scheduler.framework.ClusterEvent;
import dev.sampan.scheduler.snapshot.NodeInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeResourcesFitTest {

    /** The node has 4 cores, 8 GiB and 2 GPUs, of which another pod takes 3 cores, 1 GiB and one GPU. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {cpu: '1'}                                      | ok
            {cpu: 1001m}                                    | Insufficient cpu
            {cpu: 4001m}                                    | Insufficient cpu !
            {memory: 7Gi}                                   | ok
            {memory: 7.5Gi}                                 | Insufficient memory
            {cpu: '2', memory: 9Gi}                         | Insufficient cpu, Insufficient memory !
            {example.com/gpu: '1'}                          | ok
            {example.com/gpu: '2'}                          | Insufficient example.com/gpu
            {example.com/tpu: '1'}                          | Insufficient example.com/tpu !
            {ephemeral-storage: 200Gi}                      | Insufficient ephemeral-storage !
            {}                                              | ok
            """, quoteCharacter = '"')
    void fits(String request, String verdict) {
        var node =
                node("a", "{}", "{cpu: '4', memory: 8Gi, pods: '2', ephemeral-storage: 100Gi, example.com/gpu: '2'}");
        var other = on("a", requesting("other", "{cpu: '3', memory: 1Gi, example.com/gpu: '1'}"));
        assertThat(Verdicts.filter(new NodeResourcesFit(), requesting("p", request), snapshot(node, other)))
                .containsEntry("a", verdict);
    }

    @Test
    void tooManyPods() {
        var node = node("a", "{}", "{cpu: '4', memory: 8Gi, pods: '1'}");
        assertThat(Verdicts.filter(new NodeResourcesFit(), pod("p", ""), snapshot(node, on("a", pod("other", "")))))
                .containsEntry("a", "Too many pods");
    }

    /** Requests of: containers, init containers, overhead. {@code s} marks a sidecar. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 1     |              |      | 2000
            1       | 3            |      | 3000
            1       | 3 2          |      | 3000
            1       | 1s 2         |      | 3000
            2       | 1s 1         |      | 3000
            1       | 3 1s         |      | 3000
            1       | 1s 3 1s      |      | 4000
            1       | 1s           | 0.5  | 2500
            """)
    void podArithmetic(String containers, String init, String overhead, long milliCpu) {
        String spec = "containers: [" + containers(containers) + "]\ninitContainers: ["
                + (init == null ? "" : containers(init)) + "]"
                + (overhead == null ? "" : "\noverhead: {cpu: '" + overhead + "'}");
        assertThat(info(pod("p", spec)).requests().milliCpu()).isEqualTo(milliCpu);
    }

    private static String containers(String cores) {
        StringBuilder yaml = new StringBuilder();
        for (String core : cores.split(" ")) {
            String restart = core.endsWith("s") ? ", restartPolicy: Always" : "";
            yaml.append("{name: c, image: i, resources: {requests: {cpu: '%s'}}%s},"
                    .formatted(core.replace("s", ""), restart));
        }
        return yaml.toString();
    }

    @Test
    void podLevelResourcesReplaceTheSum() {
        var pod = info(pod("p", "resources: {requests: {cpu: '3'}}"));
        assertThat(pod.requests().milliCpu()).isEqualTo(3000);
    }

    @Test
    void wakesWhenAPodLeavesOrTheNodeGrows() {
        var pod = info(requesting("p", "{cpu: '5'}"));
        var small = NodeInfo.of(node("a"));
        var large = NodeInfo.of(node("a", "{}", "{cpu: '8', memory: 8Gi, pods: '10'}"));
        var plugin = new NodeResourcesFit();
        assertThat(plugin.mayUnblock(new ClusterEvent.NodeChanged(small, large), pod))
                .isTrue();
        assertThat(plugin.mayUnblock(new ClusterEvent.NodeChanged(null, small), pod))
                .isFalse();
        assertThat(plugin.mayUnblock(new ClusterEvent.PodGone(pod), pod)).isTrue();
        assertThat(plugin.mayUnblock(new ClusterEvent.PodPlaced(pod), pod)).isFalse();
    }
}
