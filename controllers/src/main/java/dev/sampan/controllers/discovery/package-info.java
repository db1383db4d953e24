/**
 * Kinds that are known only at run time: what the cluster serves, plain calls on it, and watches of objects' metadata.
 * Used by the controllers that act on every kind. {@link dev.sampan.controllers.discovery.MetadataWatch} owns its thread
 * and what it has seen; the rest has no state.
 */
@NullMarked
package dev.sampan.controllers.discovery;

import org.jspecify.annotations.NullMarked;
