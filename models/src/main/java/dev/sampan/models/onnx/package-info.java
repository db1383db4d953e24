/**
 * Trained networks as ONNX models, and the numeric check of one against the other.
 */
@NullMarked
package dev.sampan.models.onnx;

import org.jspecify.annotations.NullMarked;
