package dev.sampan.app.cluster;

import dev.sampan.apiserver.SecurityOptions;
import dev.sampan.apiserver.audit.AuditOptions;
import dev.sampan.apiserver.authn.OidcIssuer;
import dev.sampan.store.EtcdStore;
import dev.sampan.store.Retention;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The flags of kube-apiserver that a cluster was started with, by name. They stay with the cluster: a start without them keeps them, because
 * Secrets that were written encrypted can only be read with the same keys.
 *
 * @param values by flag, such as {@code --audit-log-path}; paths are absolute
 */
public record ApiServerFlags(Map<String, String> values) {

    /** As Kubernetes has it without any. */
    public static final ApiServerFlags NONE = new ApiServerFlags(Map.of());

    private static final JsonMapper JSON = JsonMapper.builder().build();

    public ApiServerFlags {
        values = Map.copyOf(values);
    }

    /** The flags that this home was last started with. */
    public static ApiServerFlags remembered(Home home) throws IOException {
        if (!Files.exists(home.flags())) {
            return NONE;
        }
        try {
            return new ApiServerFlags(
                    JSON.readValue(Files.readAllBytes(home.flags()), new TypeReference<Map<String, String>>() {}));
        } catch (JacksonException e) {
            throw new FileSystemException(
                    home.flags().toString(),
                    null,
                    "it is damaged; remove it, and name the API server's flags again (" + e.getOriginalMessage() + ")");
        }
    }

    /** Keeps the flags for the next start. */
    public void remember(Home home) throws IOException {
        if (values.isEmpty()) {
            Files.deleteIfExists(home.flags());
        } else {
            Files.write(home.flags(), JSON.writeValueAsBytes(values));
        }
    }

    /** These with others on top; an empty value takes a flag away. */
    public ApiServerFlags with(Map<String, String> given) {
        var merged = new LinkedHashMap<>(values);
        merged.putAll(given);
        merged.values().removeIf(String::isEmpty);
        return new ApiServerFlags(merged);
    }

    /** @throws IllegalArgumentException when a value cannot be; the message names the flag */
    public SecurityOptions security() {
        return new SecurityOptions(
                path("--token-auth-file"), issuers(), audit(), path("--encryption-provider-config"), limits());
    }

    /** The etcd to keep objects in; null when they stay in a file. @throws IllegalArgumentException as above */
    EtcdStore.@Nullable Options etcd() {
        var servers = values.get("--etcd-servers");
        if (servers == null) {
            var stray = values.keySet().stream()
                    .filter(flag -> flag.startsWith("--etcd-"))
                    .sorted()
                    .findFirst();
            if (stray.isPresent()) {
                throw new IllegalArgumentException(stray.get() + " needs --etcd-servers");
            }
            return null;
        }
        var endpoints =
                Stream.of(servers.split(",")).map(ApiServerFlags::endpoint).toList();
        if (endpoints.stream().map(URI::getScheme).distinct().count() > 1) {
            throw new IllegalArgumentException(
                    "--etcd-servers " + servers + ": name them all with http or all with https");
        }
        var tls = new EtcdStore.Tls(path("--etcd-cafile"), path("--etcd-certfile"), path("--etcd-keyfile"));
        if ((tls.certificate() == null) != (tls.key() == null)) {
            throw new IllegalArgumentException("--etcd-certfile and --etcd-keyfile must be named together");
        }
        return new EtcdStore.Options(
                endpoints, values.getOrDefault("--etcd-prefix", ""), tls, Retention.DEFAULT, InstantSource.system());
    }

    /** The Services' addresses. @throws IllegalArgumentException as above */
    String serviceCidr(String usual) {
        var value = values.getOrDefault("--service-cluster-ip-range", usual);
        if (!value.matches("127(\\.\\d{1,3}){3}/(1[2-9]|2[0-8])")) {
            throw new IllegalArgumentException("--service-cluster-ip-range " + value
                    + ": write it as 127.96.0.0/16; Services have their addresses on loopback, in 127.0.0.0/8,"
                    + " with a prefix of 12 to 28 bits");
        }
        return value;
    }

    /** Whether this server has a node. @throws IllegalArgumentException as above */
    boolean agent() {
        return !flag("--disable-agent", false);
    }

    /**
     * Whether this server's scheduler and controllers compete for work with other servers'. @throws IllegalArgumentException as above
     */
    boolean leaderElect() {
        return flag("--leader-elect", values.containsKey("--etcd-servers"));
    }

    private boolean flag(String name, boolean usual) {
        var value = values.getOrDefault(name, Boolean.toString(usual));
        if (!value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException(name + " " + value + ": it is true or false");
        }
        return value.equals("true");
    }

    private static URI endpoint(String text) {
        try {
            var uri = new URI(text.strip());
            if (List.of("http", "https").contains(String.valueOf(uri.getScheme())) && uri.getHost() != null) {
                return uri.getPort() < 0 ? URI.create(uri.getScheme() + "://" + uri.getHost() + ":2379") : uri;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "--etcd-servers " + text + ": write it as http://HOST:2379 or https://HOST:2379");
    }

    private List<OidcIssuer> issuers() {
        var url = values.get("--oidc-issuer-url");
        var client = values.get("--oidc-client-id");
        if (url == null && client == null) {
            return List.of();
        }
        if (url == null || client == null) {
            throw new IllegalArgumentException("--oidc-issuer-url and --oidc-client-id must be named together");
        }
        return List.of(new OidcIssuer(
                url,
                client,
                values.getOrDefault("--oidc-username-claim", "sub"),
                values.getOrDefault("--oidc-username-prefix", ""),
                values.getOrDefault("--oidc-groups-claim", ""),
                values.getOrDefault("--oidc-groups-prefix", ""),
                requiredClaims(),
                path("--oidc-ca-file")));
    }

    private Map<String, String> requiredClaims() {
        var claims = new LinkedHashMap<String, String>();
        for (var pair : values.getOrDefault("--oidc-required-claim", "").split(",")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                claims.put(pair.substring(0, equals), pair.substring(equals + 1));
            } else if (!pair.isEmpty()) {
                throw new IllegalArgumentException("--oidc-required-claim " + pair + ": write it as CLAIM=VALUE");
            }
        }
        return claims;
    }

    private @Nullable AuditOptions audit() {
        var policy = path("--audit-policy-file");
        var log = path("--audit-log-path");
        if (policy == null && log == null) {
            return null;
        }
        if (policy == null || log == null) {
            throw new IllegalArgumentException("--audit-policy-file and --audit-log-path must be named together");
        }
        return new AuditOptions(
                policy,
                log,
                number("--audit-log-maxsize", 0),
                number("--audit-log-maxbackup", 0),
                number("--audit-log-maxage", 0));
    }

    private SecurityOptions.Limits limits() {
        var usual = SecurityOptions.Limits.DEFAULT;
        return new SecurityOptions.Limits(
                number("--max-requests-inflight", usual.reading()),
                number("--max-mutating-requests-inflight", usual.writing()),
                flag("--enable-priority-and-fairness", true));
    }

    private @Nullable Path path(String flag) {
        var value = values.get(flag);
        return value == null ? null : Path.of(value);
    }

    private int number(String flag, int usual) {
        var value = values.get(flag);
        try {
            int number = value == null ? usual : Integer.parseInt(value);
            if (number < 0) {
                throw new NumberFormatException();
            }
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(flag + " " + value + ": it is a number, 0 or greater", e);
        }
    }
}
