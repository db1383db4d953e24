package dev.sampan.client;

/**
 * Makes the world of one key as its specification wants it. Level-triggered: it is told that something changed, never
 * what; calling it once more does no harm. One key is never reconciled by two threads at once.
 */
@FunctionalInterface
public interface Reconciler<K> {
    /** Any exception is logged and the key is tried again with back-off. */
    Result reconcile(K key) throws Exception;
}
