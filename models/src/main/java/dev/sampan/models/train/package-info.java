/**
 * The training loop: epochs of mini-batches, checkpoints, progress lines. It sees other workers only through
 * {@link dev.sampan.models.parallel.GradientExchange}.
 */
@NullMarked
package dev.sampan.models.train;

import org.jspecify.annotations.NullMarked;
