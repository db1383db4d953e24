package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes and checks bound ServiceAccount tokens (KEP-1205). A token is good while its account, and the pod, Secret or node
 * it is bound to, exist with the uid they had.
 */
public final class ServiceAccountTokens implements TokenSource {

    /** Issuer and default audience. */
    public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

    static final GroupResource ACCOUNTS = new GroupResource("", "serviceaccounts");
    static final GroupResource PODS = new GroupResource("", "pods");
    static final GroupResource SECRETS = new GroupResource("", "secrets");
    static final GroupResource NODES = new GroupResource("", "nodes");

    private static final String PRIVATE_CLAIMS = "kubernetes.io";
    private static final String EXTRA = "authentication.kubernetes.io/";

    /** How long after its deletion an object still vouches for a token. */
    private static final Duration LEEWAY = Duration.ofSeconds(60);

    private final Jwt jwt;
    private final Objects objects;
    private final InstantSource clock;

    public ServiceAccountTokens(KeyPair keys, Objects objects, InstantSource clock) {
        this.jwt = new Jwt(keys);
        this.objects = objects;
        this.clock = clock;
    }

    /** What a token is bound to besides its account. */
    record Binding(String kind, String name, String uid) {}

    /** @param bindings the object that the token is bound to and, for a pod, its node */
    String issue(ObjectNode account, List<Binding> bindings, List<String> audiences, Duration validity) {
        var now = clock.instant().getEpochSecond();
        var namespace = Meta.namespace(account);
        var claims = JsonNodeFactory.instance.objectNode();
        audiences.forEach(claims.putArray("aud")::add);
        claims.put("exp", now + validity.toSeconds());
        claims.put("iat", now);
        claims.put("iss", ISSUER);
        claims.put("jti", UUID.randomUUID().toString());
        var inner = claims.putObject(PRIVATE_CLAIMS);
        inner.put("namespace", namespace);
        for (var binding : bindings) {
            inner.putObject(binding.kind()).put("name", binding.name()).put("uid", binding.uid());
        }
        inner.putObject("serviceaccount").put("name", Meta.name(account)).put("uid", Meta.uid(account));
        claims.put("nbf", now);
        claims.put("sub", userName(namespace, Meta.name(account)));
        return jwt.sign(claims);
    }

    /** The published half of the signing key. */
    ObjectNode publicJwk() {
        return jwt.publicJwk();
    }

    @Override
    public @Nullable Verified verify(String token, List<String> audiences) throws Refused {
        var claimed = Jwt.peek(token);
        if (claimed == null || !Meta.text(claimed, "iss").equals(ISSUER)) {
            return null;
        }
        var claims = jwt.verify(token);
        if (claims == null) {
            throw new Refused("invalid bearer token");
        }
        checkTimes(claims);
        var good = new ArrayList<String>();
        claims.path("aud").forEach(a -> good.add(a.stringValue("")));
        good.retainAll(audiences);
        if (good.isEmpty()) {
            throw new Refused("token audiences %s is invalid for the target audiences %s"
                    .formatted(claims.path("aud"), audiences));
        }
        return new Verified(user(claims), good);
    }

    private void checkTimes(JsonNode claims) throws Refused {
        var now = clock.instant().getEpochSecond();
        if (now > claims.path("exp").longValue(0)) {
            throw new Refused("service account token has expired");
        }
        // Kubernetes allows a minute of difference between clocks.
        if (now + LEEWAY.toSeconds() < claims.path("nbf").longValue(0)) {
            throw new Refused("service account token is not valid yet");
        }
    }

    private UserInfo user(JsonNode claims) throws Refused {
        var inner = claims.path(PRIVATE_CLAIMS);
        var namespace = Meta.text(inner, "namespace");
        var name = Meta.text(inner, "serviceaccount", "name");
        var uid = Meta.text(inner, "serviceaccount", "uid");
        if (!Meta.text(claims, "sub").equals(userName(namespace, name))) {
            throw new Refused("sub claim does not match the service account");
        }
        require("service account", objects.get(ACCOUNTS, namespace, name), uid);
        var extra = new LinkedHashMap<String, List<String>>();
        extra.put(EXTRA + "credential-id", List.of("JTI=" + Meta.text(claims, "jti")));
        checkBound(inner, "pod", PODS, namespace, extra);
        checkBound(inner, "secret", SECRETS, namespace, extra);
        checkBound(inner, "node", NODES, "", extra);
        return new UserInfo(userName(namespace, name), uid, groups(namespace), extra);
    }

    private void checkBound(
            JsonNode claims, String kind, GroupResource resource, String namespace, Map<String, List<String>> extra)
            throws Refused {
        var bound = claims.path(kind);
        if (!bound.isObject()) {
            return;
        }
        var name = Meta.text(bound, "name");
        var uid = Meta.text(bound, "uid");
        // A token bound to a pod names the pod's node for information; the pod alone decides.
        if (!kind.equals("node") || !claims.has("pod")) {
            require(kind, objects.get(resource, namespace, name), uid);
        }
        if (!kind.equals("secret")) {
            extra.put(EXTRA + kind + "-name", List.of(name));
            extra.put(EXTRA + kind + "-uid", List.of(uid));
        }
    }

    private void require(String what, @Nullable ObjectNode object, String uid) throws Refused {
        if (object == null) {
            throw new Refused(what + " token has been invalidated: not found");
        }
        if (!Meta.uid(object).equals(uid)) {
            throw new Refused(what + " UID (" + Meta.uid(object) + ") does not match claim (" + uid + ")");
        }
        var deletion = Meta.text(object, "metadata", "deletionTimestamp");
        if (!deletion.isEmpty() && !clock.instant().isBefore(instant(deletion).plus(LEEWAY))) {
            throw new Refused(what + " has been deleted");
        }
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }

    static String userName(String namespace, String account) {
        return "system:serviceaccount:" + namespace + ":" + account;
    }

    /** The groups of every account of a namespace. */
    static List<String> groups(String namespace) {
        return List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace, UserInfo.ALL_AUTHENTICATED);
    }
}
