package dev.sampan.apiserver.policy;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.schema.cel.AuthorizerCheck;
import dev.sampan.schema.cel.AuthorizerCheck.Outcome;
import dev.sampan.schema.cel.AuthorizerCheck.Query;
import dev.sampan.schema.cel.CelExpression;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What expressions about a request see. */
public final class Environment {

    private Environment() {}

    /** {@code object, oldObject, request, namespaceObject, authorizer}; {@code params} is null until set. */
    public static Map<String, Object> of(AdmissionRequest request, Authorizer authorizer) {
        var result = new HashMap<String, Object>();
        result.put("object", CelExpression.value(request.object()));
        result.put("oldObject", CelExpression.value(request.oldObject()));
        result.put("request", CelExpression.value(ReviewRequest.of(request)));
        result.put("params", CelExpression.value(null));
        var namespace = request.namespace().isEmpty() ? null : Matching.namespaceOf(request);
        result.put("namespaceObject", CelExpression.value(namespace));
        AuthorizerCheck check = query -> ask(query, request.context().user(), authorizer);
        var start = Query.of(check);
        result.put("authorizer", start);
        result.put(
                "authorizer.requestResource",
                start.withGroup(request.resource().group())
                        .withResource(request.resource().resource())
                        .withSubresource(request.subresource())
                        .withNamespace(request.namespace())
                        .withName(request.name()));
        return result;
    }

    private static Outcome ask(Query query, UserInfo user, Authorizer authorizer) {
        var attributes = query.path().isEmpty()
                ? Attributes.ofResource(
                        query.verb(),
                        query.group(),
                        "*",
                        query.resource(),
                        query.subresource(),
                        query.namespace(),
                        query.name())
                : Attributes.ofPath(query.verb(), query.path());
        var account = query.serviceAccount();
        var decision = authorizer.authorize(account == null ? user : account(account), attributes);
        return new Outcome(decision.allowed(), decision.reason());
    }

    /** @param account {@code namespace/name} */
    private static UserInfo account(String account) {
        var namespace = account.substring(0, account.indexOf('/'));
        return new UserInfo(
                "system:serviceaccount:" + account.replace('/', ':'),
                "",
                List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace, UserInfo.ALL_AUTHENTICATED),
                Map.of());
    }
}
