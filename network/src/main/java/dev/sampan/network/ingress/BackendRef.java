package dev.sampan.network.ingress;

/**
 * A service port that an Ingress points to.
 *
 * @param port the port's name or its number
 */
public record BackendRef(String namespace, String service, String port) {

    @Override
    public String toString() {
        return namespace + "/" + service + ":" + port;
    }
}
