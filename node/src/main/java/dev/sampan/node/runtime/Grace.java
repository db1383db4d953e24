package dev.sampan.node.runtime;

import java.time.Instant;

/** When a stopping container may at last be killed. The moment may come nearer while it stops, never further away. */
@FunctionalInterface
public interface Grace {
    Instant deadline();
}
