/**
 * Keras' files ({@code .h5}) as ONNX models: file → layers with their connections → one ONNX graph. A layer that is not
 * supported is named with its configuration. Tensors keep Keras' order of dimensions; where ONNX wants channels first they are
 * turned around, which ONNX Runtime undoes between neighbours.
 */
@NullMarked
package dev.sampan.models.keras;

import org.jspecify.annotations.NullMarked;
