/** TFJob and its kin, on any conformant cluster. */
@NullMarked
package dev.sampan.operators;

import org.jspecify.annotations.NullMarked;
