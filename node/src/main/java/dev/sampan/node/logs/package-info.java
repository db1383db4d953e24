/**
 * Container logs in CRI's format: {@code <time> stdout|stderr F|P <text>}, one file per container attempt, rotated by
 * size. A {@link dev.sampan.node.logs.LogWriter} owns its file while the container runs; readers only read.
 */
@NullMarked
package dev.sampan.node.logs;

import org.jspecify.annotations.NullMarked;
