/**
 * Real controllers against a real API server in memory, on one thread and a manual clock, with everything that may go
 * wrong between them chosen by a seed: stale caches, lost watches, conflicts, failures, restarts.
 */
@NullMarked
package dev.sampan.controllers.simulation;

import org.jspecify.annotations.NullMarked;
