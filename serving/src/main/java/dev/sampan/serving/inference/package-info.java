/**
 * One prediction, whatever protocol it came by: find the servable, check the inputs against its signature, run.
 */
@NullMarked
package dev.sampan.serving.inference;

import org.jspecify.annotations.NullMarked;
