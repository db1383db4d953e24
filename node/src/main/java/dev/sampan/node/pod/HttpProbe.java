package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.HTTPHeader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * A GET as the kubelet makes it: any status from 200 to 399 is success, certificates are not checked, redirects within
 * the host are followed. Speaks HTTP/1.1 itself, since Java's client does not let a caller set {@code Host} or skip the
 * check of names for one request.
 */
final class HttpProbe {

    private static final int MOST_REDIRECTS = 10;
    private static final int LONGEST_LINE = 8 * 1024;

    private HttpProbe() {}

    private record Reply(int status, Optional<String> location) {}

    static ProbeRunner.Outcome get(
            boolean tls, String host, int port, String path, List<HTTPHeader> headers, Duration timeout) {
        var url = (tls ? "https://" : "http://") + host + ":" + port + path;
        var at = path;
        try {
            for (int i = 0; i < MOST_REDIRECTS; i++) {
                var reply = ask(tls, host, port, at, headers, timeout);
                var next = reply.location().flatMap(l -> within(host, port, url, l));
                if (reply.status() / 100 == 3 && next.isPresent()) {
                    at = next.get();
                    continue;
                }
                return reply.status() >= 200 && reply.status() < 400
                        ? ProbeRunner.Outcome.OK
                        : new ProbeRunner.Outcome(false, "HTTP probe failed with statuscode: " + reply.status());
            }
            return new ProbeRunner.Outcome(false, "Get \"" + url + "\": stopped after 10 redirects");
        } catch (java.net.SocketTimeoutException e) {
            return new ProbeRunner.Outcome(
                    false,
                    "Get \"" + url + "\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        } catch (java.net.ConnectException e) {
            return new ProbeRunner.Outcome(false, "Get \"" + url + "\": " + ProbeRunner.dial(host, port, e));
        } catch (IOException e) {
            return new ProbeRunner.Outcome(false, "Get \"" + url + "\": " + e.getMessage());
        }
    }

    /** The path of a redirect that stays on the host; others count as success where they are. */
    private static Optional<String> within(String host, int port, String from, String location) {
        try {
            var target = URI.create(from).resolve(location);
            boolean same = host.equals(target.getHost()) && port == target.getPort();
            var query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
            return same ? Optional.of(target.getRawPath() + query) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Reply ask(
            boolean tls, String host, int port, String path, List<HTTPHeader> headers, Duration timeout)
            throws IOException {
        int millis = (int) timeout.toMillis();
        try (var plain = new Socket()) {
            plain.connect(new InetSocketAddress(host, port), millis);
            plain.setSoTimeout(millis);
            try (var socket = tls ? trusting().getSocketFactory().createSocket(plain, host, port, true) : plain) {
                socket.getOutputStream()
                        .write(request(host, port, path, headers).getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().flush();
                return reply(socket.getInputStream());
            }
        }
    }

    private static String request(String host, int port, String path, List<HTTPHeader> headers) {
        var lines = new StringBuilder("GET " + path + " HTTP/1.1\r\n");
        if (!has(headers, "host")) {
            lines.append("Host: ").append(host).append(':').append(port).append("\r\n");
        }
        if (!has(headers, "user-agent")) {
            lines.append("User-Agent: kube-probe/1.36\r\n");
        }
        if (!has(headers, "accept")) {
            lines.append("Accept: */*\r\n");
        }
        for (var header : headers) {
            lines.append(header.getName())
                    .append(": ")
                    .append(header.getValue())
                    .append("\r\n");
        }
        return lines.append("Connection: close\r\n\r\n").toString();
    }

    private static boolean has(List<HTTPHeader> headers, String name) {
        return headers.stream()
                .anyMatch(h -> h.getName().toLowerCase(Locale.ROOT).equals(name));
    }

    private static Reply reply(InputStream in) throws IOException {
        var status = line(in).split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/") || !status[1].matches("[0-9]{3}")) {
            throw new IOException("malformed HTTP response \"" + String.join(" ", status) + "\"");
        }
        Optional<String> location = Optional.empty();
        for (var header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("location:")) {
                location = Optional.of(header.substring("location:".length()).trim());
            }
        }
        return new Reply(Integer.parseInt(status[1]), location);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("EOF");
            }
            if (line.length() > LONGEST_LINE) {
                throw new IOException("the answer has a header line over " + LONGEST_LINE + " bytes");
            }
            line.append((char) c);
        }
        return line.toString().stripTrailing();
    }

    private static SSLContext trusting() throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAll()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Probes ask whether something answers, not who; so does the kubelet. */
    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("only for clients");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // Any certificate will do.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
