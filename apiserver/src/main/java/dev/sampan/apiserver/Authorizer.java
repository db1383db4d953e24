package dev.sampan.apiserver;

/** Decides whether a user may do something. Called for every request: must be fast and must not block. */
@FunctionalInterface
public interface Authorizer {

    Decision authorize(UserInfo user, Attributes attributes);

    /** @param reason told to the caller when the request is refused; may be empty */
    record Decision(Verdict verdict, String reason) {
        public static final Decision ALLOW = new Decision(Verdict.ALLOW, "");
        public static final Decision NO_OPINION = new Decision(Verdict.NO_OPINION, "");

        public static Decision allow(String reason) {
            return new Decision(Verdict.ALLOW, reason);
        }

        public static Decision deny(String reason) {
            return new Decision(Verdict.DENY, reason);
        }

        public boolean allowed() {
            return verdict == Verdict.ALLOW;
        }
    }

    /** DENY ends the chain; with NO_OPINION the next authorizer is asked, and the request is refused after the last. */
    enum Verdict {
        ALLOW,
        DENY,
        NO_OPINION
    }
}
