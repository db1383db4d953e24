package dev.sampan.node.process;

import dev.sampan.node.runtime.Sandbox;

/** A sandbox as it is written down. */
record ProcessSandbox(Sandbox sandbox, String hostname, boolean hostNetwork, String hosts) {}
