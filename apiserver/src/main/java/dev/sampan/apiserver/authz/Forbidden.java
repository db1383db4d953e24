package dev.sampan.apiserver.authz;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.UserInfo;

/** The refusal of an unauthorized request, worded as Kubernetes does. */
public final class Forbidden {

    private Forbidden() {}

    /** @param reason why, from the authorizer; may be empty */
    public static ApiException of(UserInfo user, Attributes a, String reason) {
        var why = reason.isEmpty() ? sentence(user, a) : sentence(user, a) + ": " + reason;
        if (!a.isResourceRequest()) {
            return ApiException.forbiddenPath("forbidden: " + why);
        }
        return ApiException.forbidden(new GroupResource(a.group(), a.resource()), a.name(), why);
    }

    private static String sentence(UserInfo user, Attributes a) {
        if (!a.isResourceRequest()) {
            return "User \"%s\" cannot %s path \"%s\"".formatted(user.name(), a.verb(), a.nonResourcePath());
        }
        var resource = a.subresource().isEmpty() ? a.resource() : a.resource() + "/" + a.subresource();
        var where =
                a.namespace().isEmpty() ? "at the cluster scope" : "in the namespace \"%s\"".formatted(a.namespace());
        return "User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s"
                .formatted(user.name(), a.verb(), resource, a.group(), where);
    }
}
