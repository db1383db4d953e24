/**
 * What a scheduling plugin is. Plugins hold no state of their own: they turn a pod and a snapshot into a check or a score
 * of nodes, and say which later events could make a pod that they rejected schedulable.
 */
@NullMarked
package dev.sampan.scheduler.framework;

import org.jspecify.annotations.NullMarked;
