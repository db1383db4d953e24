package dev.sampan.client;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/** The refusal to create something in a namespace that is being deleted; trying again cannot help. */
final class NamespaceTerminating {

    private static final String CAUSE = "NamespaceTerminating";

    private NamespaceTerminating() {}

    static boolean is(Throwable failure) {
        return failure instanceof KubernetesClientException e
                && e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                && e.getStatus() != null
                && e.getStatus().getDetails() != null
                && e.getStatus().getDetails().getCauses().stream().anyMatch(cause -> CAUSE.equals(cause.getReason()));
    }
}
