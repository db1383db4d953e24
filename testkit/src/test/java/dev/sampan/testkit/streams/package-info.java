/** kubectl's streams through API server and node: exec, attach, port-forward, logs, cp, debug; each with old and new clients and protocols. */
@NullMarked
package dev.sampan.testkit.streams;

import org.jspecify.annotations.NullMarked;
