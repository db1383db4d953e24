/** The composition root and the command line. */
@NullMarked
package dev.sampan.app;

import org.jspecify.annotations.NullMarked;
