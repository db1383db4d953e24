/**
 * Synchronous data parallelism: who takes part (TF_CONFIG) and how sums of gradients travel between the workers.
 * Worker 0 owns the sums; everyone else owns one connection to it.
 */
@NullMarked
package dev.sampan.models.parallel;

import org.jspecify.annotations.NullMarked;
