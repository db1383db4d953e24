/**
 * Watches: from the store's events to frames on the wire. Events are matched and encoded once and shared among the watchers
 * of a type; each watcher owns a bounded queue.
 */
@NullMarked
package dev.sampan.apiserver.watch;

import org.jspecify.annotations.NullMarked;
