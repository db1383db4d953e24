/** The composition root and the command line. */
@NullMarked
package dev.sampan;

import org.jspecify.annotations.NullMarked;
