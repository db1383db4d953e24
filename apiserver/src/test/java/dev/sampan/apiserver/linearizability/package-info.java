/** Histories of concurrent clients, and what they must look like whatever happens to the server. */
@NullMarked
package dev.sampan.apiserver.linearizability;

import org.jspecify.annotations.NullMarked;
