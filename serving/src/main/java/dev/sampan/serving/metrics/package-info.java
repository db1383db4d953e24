/** What the server counts, under TensorFlow Serving's names, in Prometheus' text format. Thread-safe, without locks. */
@NullMarked
package dev.sampan.serving.metrics;

import org.jspecify.annotations.NullMarked;
