package dev.sampan.controllers.pods;

import dev.sampan.controllers.ownership.Owners;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;

/** Makes pods from templates. */
public final class PodTemplates {

    private PodTemplates() {}

    /** A pod of the template, controlled by the owner, named by the API server with the prefix. */
    public static Pod generated(PodTemplateSpec template, HasMetadata owner, String prefix) {
        return builder(template, owner)
                .editMetadata()
                .withGenerateName(prefix)
                .endMetadata()
                .build();
    }

    /** A pod of the template with a name. */
    public static Pod named(PodTemplateSpec template, HasMetadata owner, String name) {
        return builder(template, owner)
                .editMetadata()
                .withName(name)
                .endMetadata()
                .build();
    }

    private static PodBuilder builder(PodTemplateSpec template, HasMetadata owner) {
        var metadata = template.getMetadata();
        var builder = new PodBuilder()
                .withNewMetadata()
                .withNamespace(owner.getMetadata().getNamespace())
                .withOwnerReferences(Owners.controllerReference(owner))
                .endMetadata()
                .withSpec(template.getSpec());
        if (metadata != null) {
            builder.editMetadata()
                    .addToLabels(metadata.getLabels())
                    .addToAnnotations(metadata.getAnnotations())
                    .addAllToFinalizers(metadata.getFinalizers())
                    .endMetadata();
        }
        return builder;
    }
}
