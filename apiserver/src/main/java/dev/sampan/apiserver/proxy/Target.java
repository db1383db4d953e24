package dev.sampan.apiserver.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes.
 *
 * @param name what the server is called: in its certificate and in the Host header
 * @param tls null for plain HTTP
 * @param verified whether the server has to show a certificate for {@code name}
 */
record Target(String host, int port, String name, @Nullable SSLSocketFactory tls, boolean verified) {

    private static final int CONNECT_MILLIS = 10_000;

    Target(String host, int port, @Nullable SSLSocketFactory tls, boolean verified) {
        this(host, port, host, tls, verified);
    }

    /** A connected socket, after the TLS handshake if there is one. */
    Socket connect() throws IOException {
        var plain = new Socket();
        try {
            plain.setTcpNoDelay(true);
            plain.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            if (tls == null) {
                return plain;
            }
            var secure = (SSLSocket) tls.createSocket(plain, name, port, true);
            if (verified) {
                var parameters = secure.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                secure.setSSLParameters(parameters);
            }
            secure.startHandshake();
            return secure;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    String authority() {
        return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + port;
    }

    URI uri(String pathAndQuery) {
        return URI.create((tls == null ? "http://" : "https://") + authority() + pathAndQuery);
    }
}
