package dev.sampan.apiserver;

import java.util.function.Supplier;

/** Leads requests for group versions of other servers to them. */
@FunctionalInterface
public interface Aggregation {

    /** Everything is answered here. */
    Aggregation NONE = (request, user, local) -> local.get();

    /**
     * Answers a request that is authorized.
     *
     * @param local what this server answers
     */
    ApiResponse handle(ApiRequest request, UserInfo user, Supplier<ApiResponse> local);
}
