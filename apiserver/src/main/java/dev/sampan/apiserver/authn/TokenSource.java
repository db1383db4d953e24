package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.UserInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One kind of bearer token. */
interface TokenSource {

    /** @param audiences those of the token that were asked for */
    record Verified(UserInfo user, List<String> audiences) {}

    /** A token of this kind that is not good. */
    final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Whose token this is; null when it is not of this kind.
     *
     * @param audiences the token has to be for one of these
     */
    @Nullable
    Verified verify(String token, List<String> audiences) throws Refused;

    /** A token that names no audience is for the API server. Null when that was not asked for. */
    static @Nullable Verified forServer(UserInfo user, List<String> audiences) {
        var good =
                audiences.stream().filter(BearerTokens.API_AUDIENCES::contains).toList();
        return good.isEmpty() ? null : new Verified(user, good);
    }
}
