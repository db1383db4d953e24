/**
 * Which engine loads what lies in a version's folder, and the conversions to ONNX that come before. The one place that knows
 * all formats.
 */
@NullMarked
package dev.sampan.serving.formats;

import org.jspecify.annotations.NullMarked;
