/**
 * The default runtime: containers are processes of the host, each session with its own view of the file system where
 * user and mount namespaces work. Owns its directory, where each container's record, process ID and exit code are
 * files, so that an agent that comes back finds its containers. May use the {@code runtime}, {@code image} and
 * {@code logs} packages.
 */
@NullMarked
package dev.sampan.node.process;

import org.jspecify.annotations.NullMarked;
