package dev.sampan.scheduler.snapshot;

/** A port of the node that a pod takes for itself. */
public record HostPort(String address, String protocol, int port) {

    private static final String ANY = "0.0.0.0";

    static HostPort of(String address, String protocol, int port) {
        return new HostPort(
                address == null || address.isEmpty() ? ANY : address, protocol == null ? "TCP" : protocol, port);
    }

    /** Whether both cannot be bound on one node. */
    public boolean conflicts(HostPort other) {
        return port == other.port
                && protocol.equals(other.protocol)
                && (address.equals(other.address) || address.equals(ANY) || other.address.equals(ANY));
    }
}
