package dev.sampan.node.runtime;

import java.util.List;

/** A command to run in a container, or for attach the streams that are wanted (the command is then empty). */
public record ExecSpec(List<String> command, boolean stdin, boolean tty) {}
