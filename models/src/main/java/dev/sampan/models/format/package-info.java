/**
 * The trainer's own model format: {@code model.json} and the weights file that it names. Written atomically.
 */
@NullMarked
package dev.sampan.models.format;

import org.jspecify.annotations.NullMarked;
