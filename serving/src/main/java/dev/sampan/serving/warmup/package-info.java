/** Requests that a model answers before its first real one, so that lazy initialisation is over by then. */
@NullMarked
package dev.sampan.serving.warmup;

import org.jspecify.annotations.NullMarked;
