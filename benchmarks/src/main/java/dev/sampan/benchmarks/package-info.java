/**
 * Scenario benchmarks: each main prints a line a figure, with the figure to compare it with, measured in the same run. Run one with
 * {@code dev/bench NAME [arguments]}. Nothing here asserts.
 */
@NullMarked
package dev.sampan.benchmarks;

import org.jspecify.annotations.NullMarked;
