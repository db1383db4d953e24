package dev.sampan.apiserver;

import java.util.List;
import java.util.Map;

/**
 * Who makes a request, after authentication.
 *
 * @param name user name, such as {@code kubernetes-admin} or {@code system:serviceaccount:default:builder}
 * @param uid unique id, empty when the authenticator knows none
 * @param groups group names, such as {@code system:masters}
 * @param extra further facts from the authenticator, keys in lower case
 */
public record UserInfo(String name, String uid, List<String> groups, Map<String, List<String>> extra) {

    public static final String ALL_AUTHENTICATED = "system:authenticated";
    public static final String ALL_UNAUTHENTICATED = "system:unauthenticated";
    public static final String MASTERS = "system:masters";

    public static final UserInfo ANONYMOUS =
            new UserInfo("system:anonymous", "", List.of(ALL_UNAUTHENTICATED), Map.of());

    /** The API server acting on its own behalf: may do everything. */
    public static final UserInfo APISERVER = of("system:apiserver", MASTERS);

    public UserInfo {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }

    /** A user in the given groups plus {@code system:authenticated}. */
    public static UserInfo of(String name, String... groups) {
        var all = new java.util.ArrayList<>(List.of(groups));
        all.add(ALL_AUTHENTICATED);
        return new UserInfo(name, "", all, Map.of());
    }

    public boolean inGroup(String group) {
        return groups.contains(group);
    }
}
