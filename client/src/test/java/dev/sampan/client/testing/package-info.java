/** Test doubles for everything that is built on the client: a manual clock and a real API server in memory. */
@NullMarked
package dev.sampan.client.testing;

import org.jspecify.annotations.NullMarked;
