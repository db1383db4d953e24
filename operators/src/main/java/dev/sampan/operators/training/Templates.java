package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The pods and services that a job is made of. */
final class Templates {

    static final String OPERATOR_LABEL = "training.kubeflow.org/operator-name";
    static final String JOB_LABEL = "training.kubeflow.org/job-name";
    static final String ROLE_LABEL = "training.kubeflow.org/replica-type";
    static final String INDEX_LABEL = "training.kubeflow.org/replica-index";
    static final String JOB_ROLE_LABEL = "training.kubeflow.org/job-role";

    private Templates() {}

    /** @throws IllegalArgumentException when there is no such container: a valid job has one */
    static Container container(PodTemplateSpec template, String name) {
        return template.getSpec().getContainers().stream()
                .filter(container -> name.equals(container.getName()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no container " + name));
    }

    /** The template with the framework's port on its container, unless one of that name is declared. */
    static PodTemplateSpec withPort(PodTemplateSpec template, Framework framework) {
        var ports = container(template, framework.containerName()).getPorts();
        if (ports.stream().anyMatch(port -> framework.portName().equals(port.getName()))) {
            return template;
        }
        var port = new ContainerPortBuilder()
                .withName(framework.portName())
                .withContainerPort(framework.port())
                .build();
        return new PodTemplateSpecBuilder(template)
                .editSpec()
                .editMatchingContainer(container -> framework.containerName().equals(container.getName()))
                .addToPorts(port)
                .endContainer()
                .endSpec()
                .build();
    }

    static Map<String, String> labels(Job job, String role, int index) {
        var labels = new TreeMap<String, String>();
        labels.put(OPERATOR_LABEL, job.framework().operatorName());
        labels.put(JOB_LABEL, job.name());
        labels.put(ROLE_LABEL, role.toLowerCase(Locale.ROOT));
        labels.put(INDEX_LABEL, Integer.toString(index));
        return labels;
    }

    static Pod pod(Job job, String role, int index) {
        var replicas = Objects.requireNonNull(job.roles().get(role));
        var environment = job.framework().environment(job, role, index).entrySet().stream()
                .map(variable -> new EnvVar(variable.getKey(), variable.getValue(), null))
                .toList();
        var template = replicas.template();
        var metadata = template.getMetadata();
        return new PodBuilder()
                .withNewMetadata()
                .withName(job.replicaName(role, index))
                .withNamespace(job.namespace())
                .withLabels(metadata == null ? null : metadata.getLabels())
                .addToLabels(labels(job, role, index))
                .addToLabels(job.framework().leads(job, role, index) ? Map.of(JOB_ROLE_LABEL, "master") : Map.of())
                .withAnnotations(metadata == null ? null : metadata.getAnnotations())
                .withFinalizers(metadata == null ? null : metadata.getFinalizers())
                .withOwnerReferences(job.reference())
                .endMetadata()
                .withNewSpecLike(template.getSpec())
                .withRestartPolicy(replicas.restartPolicy().ofPod())
                .editMatchingContainer(
                        container -> job.framework().containerName().equals(container.getName()))
                .addAllToEnv(environment)
                .endContainer()
                .endSpec()
                .build();
    }

    /** A headless service: gives the replica's pod a name that stays when the pod is made anew. */
    static Service service(Job job, String role, int index) {
        var template = Objects.requireNonNull(job.roles().get(role)).template();
        var ports = container(template, job.framework().containerName()).getPorts().stream()
                .map(Templates::servicePort)
                .toList();
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(job.replicaName(role, index))
                .withNamespace(job.namespace())
                .withLabels(labels(job, role, index))
                .withOwnerReferences(job.reference())
                .endMetadata()
                .withNewSpec()
                .withClusterIP("None")
                .withSelector(labels(job, role, index))
                .withPorts(ports)
                .endSpec()
                .build();
    }

    private static ServicePort servicePort(ContainerPort port) {
        return new ServicePortBuilder()
                .withName(port.getName())
                .withPort(port.getContainerPort())
                .build();
    }
}
