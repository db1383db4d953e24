/** Tells clients what is served: discovery, plain and aggregated, and the version. Reads the table of served types. */
@NullMarked
package dev.sampan.apiserver.discovery;

import org.jspecify.annotations.NullMarked;
