/** The model server. */
@NullMarked
package dev.sampan.serving;

import org.jspecify.annotations.NullMarked;
