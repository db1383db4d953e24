package dev.sampan.apiserver;

import org.jspecify.annotations.Nullable;

/** Answers requests for some paths that are not resources. The request is authenticated and authorized. */
@FunctionalInterface
public interface PathHandler {

    /** The answer; null for a path that is somebody else's. @throws ApiException answered as a Status */
    @Nullable
    ApiResponse handle(ApiRequest request);
}
