/**
 * Where a pod should go, and what to evict when there is no room: pure functions of a snapshot, injected randomness
 * included. Nothing here talks to the cluster.
 */
@NullMarked
package dev.sampan.scheduler.decision;

import org.jspecify.annotations.NullMarked;
