package dev.sampan.serving.servable;

import java.nio.file.Path;

/**
 * A version that should be served.
 *
 * @param path its folder; another one under the same number holds other content, which takes the place of the old
 * @param fingerprint changes when the files in it change: a version that failed to load is tried again at once then
 */
public record AspiredVersion(long version, Path path, String fingerprint) {}
