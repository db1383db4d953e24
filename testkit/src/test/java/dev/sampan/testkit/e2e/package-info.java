/** The whole product as its users drive it: kubectl, Java clients and the command line against real clusters. */
@NullMarked
package dev.sampan.testkit.e2e;

import org.jspecify.annotations.NullMarked;
