package dev.sampan.serving.tensorflow;

import dev.sampan.serving.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;

/**
 * An input or output of a signature in the graph.
 *
 * @param operation of the graph
 * @param index which of its outputs
 */
record Endpoint(TensorSpec spec, MemorySegment operation, int index) {}
