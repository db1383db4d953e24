/**
 * Carries TCP connections from listening sockets to backends: a few event loops, each owner of its connections, with one
 * direct buffer per loop, so that an idle connection costs next to nothing.
 */
@NullMarked
package dev.sampan.network.relay;

import org.jspecify.annotations.NullMarked;
