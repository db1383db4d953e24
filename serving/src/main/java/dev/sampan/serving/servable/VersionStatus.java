package dev.sampan.serving.servable;

import dev.sampan.serving.error.Code;

/**
 * What clients are told of a version.
 *
 * @param code OK, or why the version is not available
 * @param message empty if OK
 * @param pagedOut available, but not in memory until it is asked for
 */
public record VersionStatus(long version, VersionState state, Code code, String message, boolean pagedOut) {}
