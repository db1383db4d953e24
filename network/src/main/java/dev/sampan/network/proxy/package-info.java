/**
 * What a Service asks of the proxy (a pure function), and the listeners that make it so. The frontends are owned by the
 * reconciler's lock.
 */
@NullMarked
package dev.sampan.network.proxy;

import org.jspecify.annotations.NullMarked;
