package dev.sampan.network.ingress;

/**
 * Where requests for a host and path go.
 *
 * @param ingress {@code namespace/name} of the Ingress that says so
 */
public record Route(PathRule path, BackendRef backend, String ingress, IngressOptions options) {}
