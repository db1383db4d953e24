/** Pods, nodes and snapshots for the scheduler's tests, written as YAML fragments. */
@NullMarked
package dev.sampan.scheduler.testing;

import org.jspecify.annotations.NullMarked;
