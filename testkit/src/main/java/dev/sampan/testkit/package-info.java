/** A cluster inside a JUnit test. */
@NullMarked
package dev.sampan.testkit;

import org.jspecify.annotations.NullMarked;
