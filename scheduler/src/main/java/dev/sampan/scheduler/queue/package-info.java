/**
 * Pods that wait to be scheduled. Owned by the scheduling thread.
 */
@NullMarked
package dev.sampan.scheduler.queue;

import org.jspecify.annotations.NullMarked;
