package dev.sampan.apiserver.pki;

import java.util.List;

/**
 * Whom a certificate is about and what it may be used for.
 *
 * @param commonName Kubernetes' user name for clients
 * @param organizations Kubernetes' groups for clients
 * @param hosts DNS names and IP addresses of a server
 */
public record Subject(String commonName, List<String> organizations, List<String> hosts, List<Usage> usages) {

    /** What a TLS peer is. */
    public enum Usage {
        CLIENT,
        SERVER
    }

    public static Subject client(String user, String... groups) {
        return new Subject(user, List.of(groups), List.of(), List.of(Usage.CLIENT));
    }

    public static Subject server(String commonName, List<String> hosts) {
        return new Subject(commonName, List.of(), hosts, List.of(Usage.SERVER));
    }
}
