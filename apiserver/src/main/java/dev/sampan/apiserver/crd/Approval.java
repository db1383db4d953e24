package dev.sampan.apiserver.crd;

/** Whether a definition may use a group that is reserved for Kubernetes' own project. Pure. */
final class Approval {

    static final String ANNOTATION = "api-approved.kubernetes.io";
    static final String MORE = "https://github.com/kubernetes/enhancements/pull/1111";

    private Approval() {}

    static boolean isNeeded(String group) {
        return group.equals("k8s.io")
                || group.endsWith(".k8s.io")
                || group.equals("kubernetes.io")
                || group.endsWith(".kubernetes.io");
    }

    static String of(Crd crd) {
        return crd.object()
                .path("metadata")
                .path("annotations")
                .path(ANNOTATION)
                .asString("");
    }

    /** By a link to where it was approved. */
    static boolean isGiven(String value) {
        return value.matches("https?://[^/]+.*");
    }

    /** Used nonetheless, and said so. */
    static boolean isBypassed(String value) {
        return value.startsWith("unapproved");
    }
}
