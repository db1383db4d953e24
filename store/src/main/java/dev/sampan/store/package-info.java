/**
 * A revisioned key-value log: put-if-revision, delete, range at a revision, watch from a revision, compact. Knows no kinds.
 *
 * <p>{@link dev.sampan.store.SequencedStore} owns the state: live entries in an immutable sorted tree, recent events in a ring, one
 * sequencer thread that makes groups of waiting writes durable in a {@link dev.sampan.store.Journal} before anybody sees them, one
 * dispatcher thread that feeds watchers. The engines differ in their journal only. Depends on nothing of ours.
 */
@NullMarked
package dev.sampan.store;

import org.jspecify.annotations.NullMarked;
