package dev.sampan.apiserver;

/**
 * What a request wants to do, as authorizers see it. Absent parts are empty strings.
 *
 * @param verb Kubernetes' verb: get, list, watch, create, update, patch, delete, deletecollection; for non-resource
 *     paths the HTTP method in lower case
 * @param nonResourcePath the path when the request is not for a resource, else empty
 */
public record Attributes(
        String verb,
        String group,
        String version,
        String resource,
        String subresource,
        String namespace,
        String name,
        String nonResourcePath) {

    public static Attributes ofResource(
            String verb,
            String group,
            String version,
            String resource,
            String subresource,
            String namespace,
            String name) {
        return new Attributes(verb, group, version, resource, subresource, namespace, name, "");
    }

    public static Attributes ofPath(String verb, String path) {
        return new Attributes(verb, "", "", "", "", "", "", path);
    }

    public Attributes withVerb(String newVerb) {
        return new Attributes(newVerb, group, version, resource, subresource, namespace, name, nonResourcePath);
    }

    public boolean isResourceRequest() {
        return nonResourcePath.isEmpty();
    }
}
