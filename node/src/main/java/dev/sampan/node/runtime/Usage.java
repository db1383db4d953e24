package dev.sampan.node.runtime;

import java.time.Instant;

/**
 * What a container uses.
 *
 * @param cpuNanos processor time since it started, of all its processes that still live
 * @param residentBytes resident memory of its processes
 */
public record Usage(Instant at, long cpuNanos, long residentBytes, int processes) {}
