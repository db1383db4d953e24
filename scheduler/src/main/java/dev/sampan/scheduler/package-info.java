/** Assigns pods to nodes. */
@NullMarked
package dev.sampan.scheduler;

import org.jspecify.annotations.NullMarked;
