/**
 * The composition root: one cluster in one process, and the process that carries it.
 *
 * <p>{@link dev.sampan.app.cluster.Cluster} wires the components and owns their order of start and stop;
 * {@link dev.sampan.app.cluster.ServerProcess} starts, finds and stops that process from the outside.
 */
@NullMarked
package dev.sampan.app.cluster;

import org.jspecify.annotations.NullMarked;
