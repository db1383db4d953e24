package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Tokens that new nodes join with: Secrets {@code bootstrap-token-ID} in {@code kube-system}. */
final class BootstrapTokens implements TokenSource {

    private static final Pattern TOKEN = Pattern.compile("([a-z0-9]{6})\\.([a-z0-9]{16})");
    private static final Pattern GROUP = Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");
    private static final String GROUPS = "system:bootstrappers";

    private final Objects objects;
    private final InstantSource clock;

    BootstrapTokens(Objects objects, InstantSource clock) {
        this.objects = objects;
        this.clock = clock;
    }

    @Override
    public @Nullable Verified verify(String token, List<String> audiences) {
        var parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            return null;
        }
        var id = parts.group(1);
        var secret = objects.get(ServiceAccountTokens.SECRETS, "kube-system", "bootstrap-token-" + id);
        if (secret == null || !isGood(secret, id, parts.group(2))) {
            return null;
        }
        var groups = new ArrayList<String>();
        groups.add(GROUPS);
        for (var group : data(secret, "auth-extra-groups").split(",")) {
            if (!group.isEmpty() && !GROUP.matcher(group).matches()) {
                return null;
            }
            if (!group.isEmpty()) {
                groups.add(group);
            }
        }
        groups.add(UserInfo.ALL_AUTHENTICATED);
        return TokenSource.forServer(new UserInfo("system:bootstrap:" + id, "", groups, Map.of()), audiences);
    }

    private boolean isGood(ObjectNode secret, String id, String key) {
        return !Meta.isTerminating(secret)
                && Meta.text(secret, "type").equals("bootstrap.kubernetes.io/token")
                && MessageDigest.isEqual(bytes(data(secret, "token-secret")), bytes(key))
                && data(secret, "token-id").equals(id)
                && data(secret, "usage-bootstrap-authentication").equals("true")
                && !isExpired(data(secret, "expiration"));
    }

    /** A time that cannot be read counts as passed. */
    private boolean isExpired(String expiration) {
        if (expiration.isEmpty()) {
            return false;
        }
        try {
            Instant end = OffsetDateTime.parse(expiration).toInstant();
            return !clock.instant().isBefore(end);
        } catch (DateTimeParseException e) {
            return true;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String data(ObjectNode secret, String key) {
        try {
            return new String(Base64.getDecoder().decode(Meta.text(secret, "data", key)), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
