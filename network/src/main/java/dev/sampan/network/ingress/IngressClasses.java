package dev.sampan.network.ingress;

import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/** Tells which Ingresses the gateway serves. */
public final class IngressClasses {

    /** What our IngressClass names as its controller. */
    public static final String CONTROLLER = "sampan.dev/ingress-gateway";

    /** The name of the class that the gateway creates and makes the default. */
    public static final String NAME = "sampan";

    private static final String IS_DEFAULT = "ingressclass.kubernetes.io/is-default-class";
    private static final String ANNOTATION = "kubernetes.io/ingress.class";

    /** Manifests written for ingress-nginx work as they are. */
    private static final Set<String> ACCEPTED_NAMES = Set.of(NAME, "nginx");

    private static final Set<String> ACCEPTED_CONTROLLERS = Set.of(CONTROLLER, "k8s.io/ingress-nginx");

    private static final int CONFLICT = 409;

    private IngressClasses() {}

    /**
     * Ours is an Ingress of a class of ours, of the names {@code sampan} and {@code nginx} even when no such class exists,
     * and one without a class unless the cluster's default class is another controller's.
     */
    public static boolean ours(Ingress ingress, Collection<IngressClass> classes) {
        String name = ingress.getSpec() == null ? null : ingress.getSpec().getIngressClassName();
        if (name == null) {
            Map<String, String> annotations = ingress.getMetadata().getAnnotations();
            name = annotations == null ? null : annotations.get(ANNOTATION);
        }
        if (name == null || name.isEmpty()) {
            return classes.stream().noneMatch(c -> isDefault(c) && !ours(c));
        }
        for (IngressClass candidate : classes) {
            if (candidate.getMetadata().getName().equals(name)) {
                return ours(candidate);
            }
        }
        return ACCEPTED_NAMES.contains(name);
    }

    /** Creates our class, as the default one unless there is a default already. */
    public static void create(KubernetesClient client, Collection<IngressClass> classes) {
        boolean asDefault = classes.stream().noneMatch(IngressClasses::isDefault);
        var created = new IngressClassBuilder()
                .withNewMetadata()
                .withName(NAME)
                .addToAnnotations(IS_DEFAULT, String.valueOf(asDefault))
                .endMetadata()
                .withNewSpec()
                .withController(CONTROLLER)
                .endSpec()
                .build();
        try {
            client.network().v1().ingressClasses().resource(created).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT) {
                throw e;
            }
        }
    }

    private static boolean ours(IngressClass candidate) {
        return candidate.getSpec() != null
                && ACCEPTED_CONTROLLERS.contains(candidate.getSpec().getController());
    }

    private static boolean isDefault(IngressClass candidate) {
        Map<String, String> annotations = candidate.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(IS_DEFAULT));
    }
}
