/**
 * What the scheduler knows of the cluster. {@link dev.sampan.scheduler.snapshot.ClusterCache} is owned by the
 * scheduling thread; everything that it hands out ({@link dev.sampan.scheduler.snapshot.Snapshot}, nodes, pods) is
 * immutable, so a decision is a pure function over it.
 */
@NullMarked
package dev.sampan.scheduler.snapshot;

import org.jspecify.annotations.NullMarked;
