package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.QueryString;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.authz.Forbidden;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The Impersonate-* headers: whoever may {@code impersonate} a user, its groups and extras acts as that user. */
public final class Impersonation {

    private static final String EXTRA_HEADER = "impersonate-extra-";
    private static final String AUTHENTICATION = "authentication.k8s.io";

    private final Authorizer authorizer;

    public Impersonation(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    /**
     * The user that a request is made as: {@code user} itself when the request impersonates nobody.
     *
     * @throws ApiException 403 when {@code user} may not impersonate, 400 when the headers make no sense
     */
    public UserInfo apply(UserInfo user, ApiRequest request) {
        var name = value(request, "impersonate-user");
        var uid = value(request, "impersonate-uid");
        var groups = request.headers().getOrDefault("impersonate-group", List.of());
        var extra = extra(request);
        if (name.isEmpty()) {
            if (groups.isEmpty() && extra.isEmpty() && uid.isEmpty()) {
                return user;
            }
            throw ApiException.badRequest("requested to impersonate groups, extra or uid without impersonating a user");
        }
        var account = name.split(":", -1);
        var isAccount = account.length == 4 && name.startsWith("system:serviceaccount:");
        if (isAccount) {
            require(user, "", "serviceaccounts", "", account[2], account[3]);
        } else {
            require(user, "", "users", "", "", name);
        }
        groups.forEach(g -> require(user, "", "groups", "", "", g));
        extra.forEach((key, values) -> values.forEach(v -> require(user, AUTHENTICATION, "userextras", key, "", v)));
        if (!uid.isEmpty()) {
            require(user, AUTHENTICATION, "uids", "", "", uid);
        }
        var all = new ArrayList<>(groups.isEmpty() && isAccount ? ServiceAccountTokens.groups(account[2]) : groups);
        var anonymous = name.equals(UserInfo.ANONYMOUS.name());
        var implied = anonymous ? UserInfo.ALL_UNAUTHENTICATED : UserInfo.ALL_AUTHENTICATED;
        if (!all.contains(UserInfo.ALL_AUTHENTICATED) && !all.contains(UserInfo.ALL_UNAUTHENTICATED)) {
            all.add(implied);
        }
        return new UserInfo(name, uid, all, extra);
    }

    private void require(
            UserInfo user, String group, String resource, String subresource, String namespace, String name) {
        var what = Attributes.ofResource("impersonate", group, "v1", resource, subresource, namespace, name);
        var decision = authorizer.authorize(user, what);
        if (!decision.allowed()) {
            throw Forbidden.of(user, what, decision.reason());
        }
    }

    private static Map<String, List<String>> extra(ApiRequest request) {
        var result = new TreeMap<String, List<String>>();
        request.headers().forEach((header, values) -> {
            if (header.startsWith(EXTRA_HEADER)) {
                result.put(QueryString.decodePath(header.substring(EXTRA_HEADER.length())), List.copyOf(values));
            }
        });
        return result;
    }

    private static String value(ApiRequest request, String header) {
        var value = request.header(header);
        return value == null ? "" : value;
    }
}
