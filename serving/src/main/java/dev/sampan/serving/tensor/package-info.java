/**
 * Tensors, their types, and the pooled direct buffers they live in. A tensor belongs to the request whose
 * {@link dev.sampan.serving.tensor.BufferScope} its buffer came from.
 */
@NullMarked
package dev.sampan.serving.tensor;

import org.jspecify.annotations.NullMarked;
