package dev.sampan.network;

import dev.sampan.network.gateway.Certificate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the ingress gateway behaves.
 *
 * @param address to bind both ports to
 * @param httpPort 0 for any free port
 * @param httpsPort 0 for any free port
 * @param publishedAddress what {@code status.loadBalancer} of an Ingress says
 * @param defaultCertificate for hosts without one of their own; null refuses their handshakes
 * @param accessLog takes one line a request
 */
public record IngressGatewayConfig(
        String address,
        int httpPort,
        int httpsPort,
        String publishedAddress,
        @Nullable Certificate defaultCertificate,
        Consumer<String> accessLog) {

    /** Ports 8080 and 8443 on loopback; the access log goes to the logger {@code sampan.ingress.access} at debug level. */
    public static IngressGatewayConfig loopback() {
        Logger log = LoggerFactory.getLogger("sampan.ingress.access");
        return new IngressGatewayConfig("127.0.0.1", 8080, 8443, "127.0.0.1", null, log::debug);
    }

    public IngressGatewayConfig withPorts(int http, int https) {
        return new IngressGatewayConfig(address, http, https, publishedAddress, defaultCertificate, accessLog);
    }

    public IngressGatewayConfig withDefaultCertificate(Certificate certificate) {
        return new IngressGatewayConfig(address, httpPort, httpsPort, publishedAddress, certificate, accessLog);
    }
}
