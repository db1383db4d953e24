package dev.sampan.controllers.ownership;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads and makes owner references. */
public final class Owners {

    private Owners() {}

    /** The reference with {@code controller: true}; at most one exists. */
    public static @Nullable OwnerReference controllerOf(HasMetadata object) {
        for (var reference : object.getMetadata().getOwnerReferences()) {
            if (Boolean.TRUE.equals(reference.getController())) {
                return reference;
            }
        }
        return null;
    }

    public static boolean isControlledBy(HasMetadata object, HasMetadata owner) {
        var reference = controllerOf(object);
        return reference != null
                && Objects.equals(reference.getUid(), owner.getMetadata().getUid());
    }

    /** A controller reference to the owner that blocks its foreground deletion. */
    public static OwnerReference controllerReference(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }

    /** Index values: the UID of an object's controller. */
    public static <T extends HasMetadata> List<String> controllerUid(T object) {
        var reference = controllerOf(object);
        return reference == null ? List.of() : List.of(reference.getUid());
    }
}
