package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The kinds of training jobs as CustomResourceDefinitions, and how they come onto a cluster. */
public final class TrainingKinds {

    private static final String TFJOBS = "/dev/sampan/operators/crds/tfjobs.json";
    private static final int CONFLICT = 409;

    private TrainingKinds() {}

    /** The definition of {@code tfjobs.kubeflow.org}: structural, with a status subresource. */
    public static CustomResourceDefinition tfJobs(KubernetesClient client) {
        try (var in = Objects.requireNonNull(TrainingKinds.class.getResourceAsStream(TFJOBS), TFJOBS)) {
            return client.getKubernetesSerialization().unmarshal(in, CustomResourceDefinition.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates the definitions or brings them up to date, and waits until the cluster serves them. */
    public static void install(KubernetesClient client) {
        var wanted = tfJobs(client);
        var resource = client.apiextensions().v1().customResourceDefinitions().resource(wanted);
        var existing = resource.get();
        if (existing == null) {
            createOrAccept(client, wanted);
        } else if (!wanted.getSpec().getVersions().equals(existing.getSpec().getVersions())) {
            wanted.getMetadata().setResourceVersion(existing.getMetadata().getResourceVersion());
            resource.update();
        }
        resource.waitUntilCondition(TrainingKinds::isEstablished, 30, TimeUnit.SECONDS);
    }

    private static void createOrAccept(KubernetesClient client, CustomResourceDefinition wanted) {
        try {
            client.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .resource(wanted)
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT) {
                throw e;
            }
        }
    }

    private static boolean isEstablished(@Nullable CustomResourceDefinition definition) {
        return definition != null
                && definition.getStatus() != null
                && definition.getStatus().getConditions() != null
                && definition.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }
}
