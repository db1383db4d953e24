package dev.sampan.apiserver;

import org.jspecify.annotations.Nullable;

/** Finds out who makes a request. */
@FunctionalInterface
public interface Authenticator {

    /**
     * The caller, or null when the request carries nothing this authenticator understands (the next one is asked; when
     * none answers the caller is anonymous).
     *
     * @throws Unauthorized when it carries a credential of this authenticator's kind that is not valid
     */
    @Nullable
    UserInfo authenticate(ApiRequest request) throws Unauthorized;

    /** A credential was presented and is not valid. */
    final class Unauthorized extends Exception {
        private static final long serialVersionUID = 1L;

        public Unauthorized(String message) {
            super(message);
        }
    }
}
