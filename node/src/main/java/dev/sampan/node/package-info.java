/** The node agent and its runtimes. */
@NullMarked
package dev.sampan.node;

import org.jspecify.annotations.NullMarked;
