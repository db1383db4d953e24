/**
 * Dynamic batching: requests of one shape that meet run as one. Sits between manager and engine as a model that wraps a model,
 * so that its life is the version's life. Each {@link dev.sampan.serving.batching.Bucket} owns its queue under one lock.
 */
@NullMarked
package dev.sampan.serving.batching;

import org.jspecify.annotations.NullMarked;
