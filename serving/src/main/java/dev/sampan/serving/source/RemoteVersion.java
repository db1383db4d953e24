package dev.sampan.serving.source;

/**
 * A version of a model somewhere else.
 *
 * @param number of the version; {@link #UNNUMBERED} where the source has only one and does not say which: it gets the next
 *     number whenever it changes
 * @param fingerprint changes when the content does
 */
record RemoteVersion(long number, String fingerprint) {
    static final long UNNUMBERED = -1;
}
