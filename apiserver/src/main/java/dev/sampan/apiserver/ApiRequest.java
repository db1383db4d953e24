package dev.sampan.apiserver;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request to the API, independent of how it arrived.
 *
 * @param method HTTP method in upper case
 * @param path decoded path without query, such as {@code /api/v1/namespaces/default/pods/web}
 * @param query decoded query parameters in order
 * @param headers header values by lower-case name
 * @param body whole body, empty when there is none
 * @param user set when the caller is already authenticated (in process); the authenticators are then not asked
 * @param clientCertificate the verified client certificate of the TLS connection
 * @param remoteAddress the caller's address, empty in process
 */
public record ApiRequest(
        String method,
        String path,
        Map<String, List<String>> query,
        Map<String, List<String>> headers,
        byte[] body,
        @Nullable UserInfo user,
        @Nullable X509Certificate clientCertificate,
        String remoteAddress) {

    private static final byte[] NO_BODY = new byte[0];

    /** An in-process request of an already authenticated user. */
    public static ApiRequest of(UserInfo user, String method, String pathAndQuery) {
        return of(user, method, pathAndQuery, Map.of(), NO_BODY);
    }

    /** An in-process request with headers and a body; {@code pathAndQuery} is percent-encoded as in HTTP. */
    public static ApiRequest of(
            UserInfo user, String method, String pathAndQuery, Map<String, List<String>> headers, byte[] body) {
        int mark = pathAndQuery.indexOf('?');
        var path = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
        var query = mark < 0 ? Map.<String, List<String>>of() : QueryString.parse(pathAndQuery.substring(mark + 1));
        return new ApiRequest(method, QueryString.decodePath(path), query, headers, body, user, null, "");
    }

    /** The same request with a JSON body. */
    public ApiRequest withJson(String json) {
        var more = new java.util.HashMap<>(headers);
        more.put("content-type", List.of("application/json"));
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return new ApiRequest(method, path, query, more, bytes, user, clientCertificate, remoteAddress);
    }

    /** First value of a header, looked up without regard to case; null when absent. */
    public @Nullable String header(String name) {
        var values = headers.get(name.toLowerCase(Locale.ROOT));
        return values == null || values.isEmpty() ? null : values.getFirst();
    }

    /** First value of a query parameter; empty when absent. */
    public String parameter(String name) {
        var values = query.get(name);
        return values == null || values.isEmpty() ? "" : values.getFirst();
    }

    /** Whether a boolean query parameter is on, read as Kubernetes does: present and neither "0" nor "false". */
    public boolean flag(String name) {
        var values = query.get(name);
        if (values == null || values.isEmpty()) {
            return false;
        }
        var value = values.getFirst();
        return !value.equals("0") && !value.equalsIgnoreCase("false");
    }

    /** Whether the client asks to go on as a WebSocket. */
    public boolean upgradesToWebSocket() {
        var upgrade = header("upgrade");
        return upgrade != null && upgrade.equalsIgnoreCase("websocket");
    }
}
