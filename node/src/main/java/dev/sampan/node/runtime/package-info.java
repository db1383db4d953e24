/**
 * What the agent asks of whatever runs containers: pod sandboxes, containers, exec, usage. A runtime owns what it runs
 * and remembers it across restarts of the agent; the agent decides what should run. Depends on nothing of ours.
 */
@NullMarked
package dev.sampan.node.runtime;

import org.jspecify.annotations.NullMarked;
