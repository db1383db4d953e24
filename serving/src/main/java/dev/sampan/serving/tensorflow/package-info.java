/**
 * SavedModels on TensorFlow itself: its C library, called through Java's foreign functions, so that nothing of it is on the
 * class path and a server without SavedModels does not even open the library. Graphs and tensors belong to the library; a
 * tensor never outlives the run that made it.
 */
@NullMarked
package dev.sampan.serving.tensorflow;

import org.jspecify.annotations.NullMarked;
