/** Operators over the public API, each in a package: deployable on any conformant cluster without the rest of Sampan. */
@NullMarked
package dev.sampan.operators;

import org.jspecify.annotations.NullMarked;
