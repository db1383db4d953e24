package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.authn.TokenSource.Refused;
import dev.sampan.apiserver.kinds.Meta;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The reviews of authentication.k8s.io: whose token is this, and who am I. They are created and never stored. */
final class IdentityReviews {

    private static final String GROUP = "authentication.k8s.io";

    private IdentityReviews() {}

    /** {@code tokenreviews}. */
    record TokenReview(BearerTokens tokens) implements SubresourceHandler {
        @Override
        public GroupResource resource() {
            return new GroupResource(GROUP, "tokenreviews");
        }

        @Override
        public String subresource() {
            return "";
        }

        @Override
        public List<String> verbs() {
            return List.of("create");
        }

        @Override
        public ApiResponse handle(Call call) {
            var review = body(call);
            var token = Meta.text(review, "spec", "token");
            if (token.isEmpty()) {
                throw ApiException.badRequest("token is required for TokenReview in authentication");
            }
            var audiences = new ArrayList<String>();
            review.path("spec").path("audiences").forEach(a -> audiences.add(a.stringValue("")));
            var status = review.putObject("status");
            try {
                var verified = tokens.verify(token, audiences.isEmpty() ? BearerTokens.API_AUDIENCES : audiences);
                status.put("authenticated", true);
                write(verified.user(), status.putObject("user"));
                verified.audiences().forEach(status.putArray("audiences")::add);
            } catch (Refused e) {
                status.putObject("user");
                status.put("error", "[" + e.getMessage() + "]");
            }
            return Created.of(review);
        }
    }

    /** {@code selfsubjectreviews}. */
    record SelfSubjectReview() implements SubresourceHandler {
        @Override
        public GroupResource resource() {
            return new GroupResource(GROUP, "selfsubjectreviews");
        }

        @Override
        public String subresource() {
            return "";
        }

        @Override
        public List<String> verbs() {
            return List.of("create");
        }

        @Override
        public ApiResponse handle(Call call) {
            var review = body(call);
            review.withObject("/metadata")
                    .put(
                            "creationTimestamp",
                            call.context().now().truncatedTo(ChronoUnit.SECONDS).toString());
            write(call.context().user(), review.putObject("status").putObject("userInfo"));
            return Created.of(review);
        }
    }

    private static ObjectNode body(SubresourceHandler.Call call) {
        var body = call.body();
        if (body == null) {
            throw ApiException.badRequest("a body is required");
        }
        body.withObject("/metadata");
        return body;
    }

    private static void write(UserInfo user, ObjectNode json) {
        json.put("username", user.name());
        if (!user.uid().isEmpty()) {
            json.put("uid", user.uid());
        }
        user.groups().forEach(json.putArray("groups")::add);
        if (!user.extra().isEmpty()) {
            var extra = json.putObject("extra");
            user.extra().forEach((key, values) -> values.forEach(extra.withArray(key)::add));
        }
    }
}
