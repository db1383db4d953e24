/**
 * Errors that a client sees: canonical codes with their HTTP statuses.
 */
@NullMarked
package dev.sampan.serving.error;

import org.jspecify.annotations.NullMarked;
