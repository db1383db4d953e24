package dev.sampan.apiserver;

import org.jspecify.annotations.Nullable;

/**
 * A subresource with its own behaviour ({@code pods/binding}, {@code pods/log}, {@code serviceaccounts/token} …). status
 * and scale are generic and need none. The request is authenticated and authorized when it gets here.
 */
public interface SubresourceHandler {

    GroupResource resource();

    /** Name below the object, such as {@code exec}; empty for a resource that is not stored at all, such as reviews. */
    String subresource();

    /** Kubernetes' verbs that the subresource serves, for discovery: create, get, update, patch … */
    java.util.List<String> verbs();

    /** Whether the body is left unread because it belongs to somebody else. */
    default boolean proxies() {
        return false;
    }

    /**
     * Answers a request.
     *
     * @param call the request and its parts
     * @throws ApiException answered as a Status
     */
    ApiResponse handle(Call call);

    /**
     * One call of a subresource.
     *
     * @param tail path below the subresource, with its leading slash, for proxies; else empty
     * @param body decoded JSON, YAML or protobuf body of a write; null when there is none or the handler is a proxy
     * @param raw the request as it came
     */
    record Call(
            Attributes attributes,
            String tail,
            tools.jackson.databind.node.@Nullable ObjectNode body,
            ApiRequest raw,
            RequestContext context) {}
}
