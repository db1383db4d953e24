package dev.sampan.apiserver;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * How an API server is set up.
 *
 * @param pkiDirectory where certificates and keys are, or are made on first use
 * @param bindAddress address that the TLS port listens on; loopback unless told otherwise
 * @param port TLS port; 0 picks a free one
 * @param serviceCidr range of Service cluster IPs; its first address is the {@code kubernetes} Service's
 * @param serviceNodePorts first and last port for NodePort Services, such as {@code 30000-32767}
 * @param disabledAdmissionPlugins names of admission plugins that are left out
 * @param extraHostNames further DNS names or addresses in the serving certificate
 * @param security tokens and issuers that are accepted, auditing, protection, encryption
 */
public record ApiServerConfig(
        Path pkiDirectory,
        String bindAddress,
        int port,
        String serviceCidr,
        String serviceNodePorts,
        List<String> disabledAdmissionPlugins,
        List<String> extraHostNames,
        SecurityOptions security,
        InstantSource clock) {

    public static final int DEFAULT_PORT = 6443;

    /** Defaults: loopback, port 6443, Services in 127.96.0.0/16. */
    public static ApiServerConfig defaults(Path pkiDirectory) {
        return new ApiServerConfig(
                pkiDirectory,
                "127.0.0.1",
                DEFAULT_PORT,
                "127.96.0.0/16",
                "30000-32767",
                List.of(),
                List.of(),
                SecurityOptions.DEFAULT,
                InstantSource.system());
    }

    public ApiServerConfig withPort(int newPort) {
        return new ApiServerConfig(
                pkiDirectory,
                bindAddress,
                newPort,
                serviceCidr,
                serviceNodePorts,
                disabledAdmissionPlugins,
                extraHostNames,
                security,
                clock);
    }

    public ApiServerConfig withServiceCidr(String newServiceCidr) {
        return new ApiServerConfig(
                pkiDirectory,
                bindAddress,
                port,
                newServiceCidr,
                serviceNodePorts,
                disabledAdmissionPlugins,
                extraHostNames,
                security,
                clock);
    }

    public ApiServerConfig withServiceNodePorts(String newServiceNodePorts) {
        return new ApiServerConfig(
                pkiDirectory,
                bindAddress,
                port,
                serviceCidr,
                newServiceNodePorts,
                disabledAdmissionPlugins,
                extraHostNames,
                security,
                clock);
    }

    public ApiServerConfig withClock(InstantSource newClock) {
        return new ApiServerConfig(
                pkiDirectory,
                bindAddress,
                port,
                serviceCidr,
                serviceNodePorts,
                disabledAdmissionPlugins,
                extraHostNames,
                security,
                newClock);
    }

    public ApiServerConfig withSecurity(SecurityOptions newSecurity) {
        return new ApiServerConfig(
                pkiDirectory,
                bindAddress,
                port,
                serviceCidr,
                serviceNodePorts,
                disabledAdmissionPlugins,
                extraHostNames,
                newSecurity,
                clock);
    }
}
