/**
 * The model server. {@link dev.sampan.serving.ModelServer} puts the parts together; a request goes
 * {@code rest} (or gRPC) → {@code inference} → {@code servable} (which version) → {@code engine} (run it), a new version goes
 * {@code servable} source → manager → {@code engine}. Knows no cluster.
 */
@NullMarked
package dev.sampan.serving;

import org.jspecify.annotations.NullMarked;
