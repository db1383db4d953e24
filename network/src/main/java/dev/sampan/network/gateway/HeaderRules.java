package dev.sampan.network.gateway;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Which headers go through, which are ours: RFC 9110 section 7.6.1 and ingress-nginx's X- headers. */
final class HeaderRules {

    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /** Set anew for each request, so that a client cannot pretend. */
    private static final Set<String> OURS = Set.of(
            "x-real-ip",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto",
            "x-forwarded-scheme",
            "x-scheme",
            "x-original-forwarded-for",
            "x-request-id",
            "forwarded");

    private HeaderRules() {}

    /** Headers for the backend, without those that frame the body. */
    static HttpFields.Mutable forBackend(Request request, String host) {
        HttpFields headers = request.getHeaders();
        Set<String> named = namedByConnection(headers);
        HttpFields.Mutable result = HttpFields.build();
        result.add(HttpHeader.HOST, host);
        for (HttpField field : headers) {
            String name = field.getLowerCaseName();
            if (!HOP_BY_HOP.contains(name)
                    && !OURS.contains(name)
                    && !named.contains(name)
                    && field.getHeader() != HttpHeader.HOST
                    && field.getHeader() != HttpHeader.CONTENT_LENGTH
                    && field.getHeader() != HttpHeader.EXPECT
                    && !name.startsWith(":")) {
                result.add(field);
            }
        }
        addOurs(request, host, result);
        return result;
    }

    private static void addOurs(Request request, String host, HttpFields.Mutable result) {
        String client = Request.getRemoteAddr(request);
        String scheme = request.isSecure() ? "https" : "http";
        HttpFields headers = request.getHeaders();
        result.add("X-Request-ID", orElse(headers.get("X-Request-ID"), () -> requestId()));
        result.add("X-Real-IP", client);
        result.add("X-Forwarded-For", client);
        result.add("X-Forwarded-Host", host);
        result.add("X-Forwarded-Port", String.valueOf(Request.getLocalPort(request)));
        result.add("X-Forwarded-Proto", scheme);
        result.add("X-Forwarded-Scheme", scheme);
        result.add("X-Scheme", scheme);
        String original = headers.get("X-Forwarded-For");
        if (original != null) {
            result.add("X-Original-Forwarded-For", original);
        }
    }

    private static String requestId() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    private static String orElse(@Nullable String value, Supplier<String> otherwise) {
        return value == null ? otherwise.get() : value;
    }

    /** Headers for the client. */
    static void forClient(HttpFields answer, HttpFields.Mutable response) {
        Set<String> named = namedByConnection(answer);
        for (HttpField field : answer) {
            String name = field.getLowerCaseName();
            if (!HOP_BY_HOP.contains(name) && !named.contains(name)) {
                response.add(field);
            }
        }
    }

    private static Set<String> namedByConnection(HttpFields headers) {
        Set<String> names = Set.of();
        for (HttpField field : headers) {
            if (field.getHeader() == HttpHeader.CONNECTION) {
                names = names.isEmpty() ? new HashSet<>() : names;
                for (String value : field.getValues()) {
                    names.add(value.toLowerCase(Locale.ROOT));
                }
            }
        }
        return names;
    }

    /** The bytes of a request head. */
    static byte[] serialize(String method, String target, HttpFields fields) {
        StringBuilder head =
                new StringBuilder(512).append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        for (HttpField field : fields) {
            head.append(field.getName())
                    .append(": ")
                    .append(field.getValue() == null ? "" : field.getValue())
                    .append("\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
