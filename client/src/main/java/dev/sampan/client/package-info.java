/** How everything else reaches a cluster. */
@NullMarked
package dev.sampan.client;

import org.jspecify.annotations.NullMarked;
