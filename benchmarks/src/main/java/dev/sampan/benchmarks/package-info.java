/** One figure with its comparison. */
@NullMarked
package dev.sampan.benchmarks;

import org.jspecify.annotations.NullMarked;
