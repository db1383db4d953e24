/** A revisioned key-value log. */
@NullMarked
package dev.sampan.store;

import org.jspecify.annotations.NullMarked;
