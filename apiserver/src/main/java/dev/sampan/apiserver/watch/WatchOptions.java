package dev.sampan.apiserver.watch;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.registry.Revisions;

/**
 * Parameters of a watch.
 *
 * @param revision where to start; 0 for the latest state
 * @param initialState whether what exists comes first, as ADDED events
 * @param initialEnd whether a bookmark ends the initial state
 * @param timeoutSeconds 0 when the request does not say
 */
record WatchOptions(long revision, boolean initialState, boolean initialEnd, boolean bookmarks, long timeoutSeconds) {

    static WatchOptions of(ApiRequest request) {
        Revisions.checkListOptions(request, true);
        var version = request.parameter("resourceVersion");
        long revision = Revisions.parse(version);
        var asked = request.parameter("sendInitialEvents");
        boolean bookmarks = request.flag("allowWatchBookmarks");
        boolean initial = asked.isEmpty() ? revision == 0 : request.flag("sendInitialEvents");
        boolean end = !asked.isEmpty() && initial && bookmarks;
        return new WatchOptions(revision, initial, end, bookmarks, seconds(request.parameter("timeoutSeconds")));
    }

    private static long seconds(String text) {
        try {
            return text.isEmpty() ? 0 : Math.max(0, Math.min(Long.parseLong(text), Integer.MAX_VALUE));
        } catch (NumberFormatException e) {
            throw ApiException.noInteger(text);
        }
    }
}
