package dev.sampan.operators.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pods and services that jobs become, whole. */
final class TemplatesTest {

    private final KubernetesSerialization serialization = new KubernetesSerialization();

    record Golden(TFJob job, List<Pod> pods, String serviceOf, Service service) {}

    private Golden golden(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("templates/" + name + ".yaml"))) {
            return serialization.unmarshal(in, Golden.class);
        }
    }

    private static Job read(TFJob job, String clusterDomain) {
        return ((TFJobs.Reading.Valid) TFJobs.read(job, clusterDomain)).job();
    }

    @ParameterizedTest
    @ValueSource(strings = {"distributed", "local"})
    void jobsBecomePodsAndServices(String name) throws IOException {
        var golden = golden(name);
        var decision = JobDecision.decide(read(golden.job(), ""), List.of(), List.of(), Instant.EPOCH);
        var pods = decision.changes().stream()
                .filter(Change.CreatePod.class::isInstance)
                .map(change -> ((Change.CreatePod) change).pod())
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .toList();
        assertThat(pods.stream().map(this::tree).toList())
                .isEqualTo(golden.pods().stream().map(this::tree).toList());
        var service = decision.changes().stream()
                .filter(Change.CreateService.class::isInstance)
                .map(change -> ((Change.CreateService) change).service())
                .filter(made -> made.getMetadata().getName().equals(golden.serviceOf()))
                .findFirst()
                .orElseThrow();
        assertThat(tree(service)).isEqualTo(tree(golden.service()));
    }

    private Object tree(HasMetadata object) {
        return serialization.convertValue(object, Map.class);
    }

    @Test
    void theClusterDomainIsAppended() throws IOException {
        var job = read(golden("distributed").job(), "cluster.local");
        assertThat(tfConfig(Templates.pod(job, "PS", 0))).contains("\"mnist-ps-0.kubeflow.svc.cluster.local:5000\"");
    }

    @Test
    void dynamicWorkersKnowThemselvesAndTheServers() throws IOException {
        var job = golden("distributed").job();
        var spec = job.getSpec();
        job.setSpec(new TFJobSpec(null, null, spec.tfReplicaSpecs(), true));
        var read = read(job, "");
        assertThat(tfConfig(Templates.pod(read, "Worker", 1)))
                .isEqualTo("{\"sparseCluster\":{\"worker\":{\"1\":\"mnist-worker-1.kubeflow.svc:2222\"},"
                        + "\"ps\":[\"mnist-ps-0.kubeflow.svc:5000\"]},\"task\":{\"type\":\"worker\",\"index\":1}}");
        assertThat(tfConfig(Templates.pod(read, "PS", 0)))
                .isEqualTo("{\"sparseCluster\":{\"worker\":{},\"ps\":[\"mnist-ps-0.kubeflow.svc:5000\"]},"
                        + "\"task\":{\"type\":\"ps\",\"index\":0}}");
    }

    private static String tfConfig(Pod pod) {
        return pod.getSpec().getContainers().stream()
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getName().equals("TF_CONFIG"))
                .map(EnvVar::getValue)
                .findFirst()
                .orElseThrow();
    }
}
