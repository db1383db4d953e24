/** A page for people: what the server serves and how it fares. */
@NullMarked
package dev.sampan.serving.statuspage;

import org.jspecify.annotations.NullMarked;
