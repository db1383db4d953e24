package dev.sampan.app.cli;

import dev.sampan.app.cluster.ApiServerFlags;
import dev.sampan.app.cluster.Home;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** kube-apiserver's flags about who may come in, what is written down and where, under its names, and one of k3s. Their values are checked where they are used. */
@SuppressWarnings("UnusedVariable") // read by way of the specification
final class ApiServerOptions {

    @Spec(Spec.Target.SELF)
    private CommandSpec self = CommandSpec.create();

    @Option(
            names = "--token-auth-file",
            paramLabel = "FILE",
            description = "Users by fixed bearer token: a CSV file with token,user,uid,\"group1,group2\".")
    private @Nullable String tokenFile;

    @Option(
            names = "--oidc-issuer-url",
            paramLabel = "URL",
            description = "Accept the tokens of this OpenID Connect issuer.")
    private @Nullable String oidcIssuer;

    @Option(names = "--oidc-client-id", paramLabel = "ID", description = "Audience that those tokens must be for.")
    private @Nullable String oidcClient;

    @Option(
            names = "--oidc-username-claim",
            paramLabel = "CLAIM",
            description = "Claim with the user's name (default: sub).")
    private @Nullable String oidcUsername;

    @Option(
            names = "--oidc-username-prefix",
            paramLabel = "PREFIX",
            description = "Put before the name; - for none (default: the issuer's URL and #, none for email).")
    private @Nullable String oidcUsernamePrefix;

    @Option(names = "--oidc-groups-claim", paramLabel = "CLAIM", description = "Claim with the user's groups.")
    private @Nullable String oidcGroups;

    @Option(names = "--oidc-groups-prefix", paramLabel = "PREFIX", description = "Put before each group.")
    private @Nullable String oidcGroupsPrefix;

    @Option(
            names = "--oidc-required-claim",
            paramLabel = "CLAIM=VALUE[,…]",
            description = "Claims that the tokens must have.")
    private @Nullable String oidcClaims;

    @Option(
            names = "--oidc-ca-file",
            paramLabel = "FILE",
            description = "Authorities that the issuer's certificate is checked against (default: Java's).")
    private @Nullable String oidcAuthorities;

    @Option(
            names = "--audit-policy-file",
            paramLabel = "FILE",
            description = "What is audited: a Policy of audit.k8s.io/v1.")
    private @Nullable String auditPolicy;

    @Option(names = "--audit-log-path", paramLabel = "FILE", description = "Where: one JSON line an event.")
    private @Nullable String auditLog;

    @Option(
            names = "--audit-log-maxsize",
            paramLabel = "MB",
            description = "Begin a new file at this size (default: 100).")
    private @Nullable String auditSize;

    @Option(
            names = "--audit-log-maxbackup",
            paramLabel = "N",
            description = "How many older files to keep (default: all).")
    private @Nullable String auditBackups;

    @Option(
            names = "--audit-log-maxage",
            paramLabel = "DAYS",
            description = "How long to keep them (default: for ever).")
    private @Nullable String auditDays;

    @Option(
            names = "--encryption-provider-config",
            paramLabel = "FILE",
            description = "Encrypt objects on disk: an EncryptionConfiguration of apiserver.config.k8s.io/v1.")
    private @Nullable String encryption;

    @Option(
            names = "--etcd-servers",
            paramLabel = "URL[,URL…]",
            description = "Keep all objects in this etcd instead of in a file.")
    private @Nullable String etcd;

    @Option(
            names = "--etcd-prefix",
            paramLabel = "PREFIX",
            description = "Put before every key, which begin with /registry themselves (default: nothing).")
    private @Nullable String etcdPrefix;

    @Option(
            names = "--etcd-cafile",
            paramLabel = "FILE",
            description = "Authorities that etcd's certificates are checked against (default: Java's).")
    private @Nullable String etcdAuthorities;

    @Option(names = "--etcd-certfile", paramLabel = "FILE", description = "Certificate that etcd knows us by.")
    private @Nullable String etcdCertificate;

    @Option(names = "--etcd-keyfile", paramLabel = "FILE", description = "Its key.")
    private @Nullable String etcdKey;

    @Option(
            names = "--service-cluster-ip-range",
            paramLabel = "CIDR",
            description =
                    "Where Services have their addresses (default: a network of the cluster's own in 127.0.0.0/8)."
                            + " Servers on one etcd must have the same.")
    private @Nullable String serviceCidr;

    @Option(
            names = "--disable-agent",
            paramLabel = "true|false",
            description = "Run the API server and the controllers alone: no node, service proxy or ingress"
                    + " (default: false).")
    private @Nullable String withoutAgent;

    @Option(
            names = "--leader-elect",
            paramLabel = "true|false",
            description =
                    "Let one server's scheduler, controllers and operators work at a time, and another's when it is gone"
                            + " (default: true with --etcd-servers).")
    private @Nullable String leaderElect;

    @Option(
            names = "--max-requests-inflight",
            paramLabel = "N",
            description = "How many reading requests are worked on at once (default: 400).")
    private @Nullable String readers;

    @Option(
            names = "--max-mutating-requests-inflight",
            paramLabel = "N",
            description = "How many writing requests are worked on at once (default: 200).")
    private @Nullable String writers;

    @Option(
            names = "--enable-priority-and-fairness",
            paramLabel = "true|false",
            description = "Share those out by FlowSchemas (default: true).")
    private @Nullable String fairness;

    /** What was named on the command line, paths absolute; an empty value asks to forget a flag. */
    Map<String, String> given() {
        var given = new LinkedHashMap<String, String>();
        for (var option : self.options()) {
            String value = option.getValue();
            if (value != null) {
                boolean file = "FILE".equals(option.paramLabel()) && !value.isEmpty();
                given.put(option.longestName(), file ? absolute(value) : value);
            }
        }
        return given;
    }

    /** The server works in another folder than the person who types. */
    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }

    /** These on top of what the cluster was started with before. */
    ApiServerFlags choose(Home home) throws IOException {
        return ApiServerFlags.remembered(home).with(given());
    }

    List<String> arguments() {
        return given().entrySet().stream()
                .map(flag -> flag.getKey() + "=" + flag.getValue())
                .toList();
    }
}
