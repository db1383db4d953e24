package dev.sampan.schema.cel;

import org.jspecify.annotations.Nullable;

/** Answers what the {@code authorizer} of an expression is asked. */
@FunctionalInterface
public interface AuthorizerCheck {

    Outcome check(Query query);

    /**
     * One question.
     *
     * @param path of a non-resource question; then everything else but the verb is empty
     * @param serviceAccount {@code namespace/name} of the account to ask for; null for the user of the request
     */
    record Query(
            AuthorizerCheck authorizer,
            @Nullable String serviceAccount,
            String path,
            String group,
            String resource,
            String subresource,
            String namespace,
            String name,
            String verb) {

        /** Where every question starts. */
        public static Query of(AuthorizerCheck authorizer) {
            return new Query(authorizer, null, "", "", "", "", "", "", "");
        }

        public Query withServiceAccount(String account) {
            return new Query(authorizer, account, path, group, resource, subresource, namespace, name, verb);
        }

        public Query withPath(String value) {
            return new Query(authorizer, serviceAccount, value, group, resource, subresource, namespace, name, verb);
        }

        public Query withGroup(String value) {
            return new Query(authorizer, serviceAccount, path, value, resource, subresource, namespace, name, verb);
        }

        public Query withResource(String value) {
            return new Query(authorizer, serviceAccount, path, group, value, subresource, namespace, name, verb);
        }

        public Query withSubresource(String value) {
            return new Query(authorizer, serviceAccount, path, group, resource, value, namespace, name, verb);
        }

        public Query withNamespace(String value) {
            return new Query(authorizer, serviceAccount, path, group, resource, subresource, value, name, verb);
        }

        public Query withName(String value) {
            return new Query(authorizer, serviceAccount, path, group, resource, subresource, namespace, value, verb);
        }

        Outcome ask(String value) {
            return authorizer.check(
                    new Query(authorizer, serviceAccount, path, group, resource, subresource, namespace, name, value));
        }
    }

    /** The answer. */
    record Outcome(boolean allowed, String reason) {}
}
