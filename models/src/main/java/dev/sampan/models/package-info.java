/** Train, convert, evaluate. */
@NullMarked
package dev.sampan.models;

import org.jspecify.annotations.NullMarked;
