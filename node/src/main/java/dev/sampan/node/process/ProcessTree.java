package dev.sampan.node.process;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The processes of a container: what is in its control group, in its session, or was started with its marker in the
 * environment, so that neither a daemon nor a process in a new session escapes. The supervisor is not one of them.
 */
final class ProcessTree {

    /** Variable that every process of a container inherits; its value is the container's ID. */
    static final String MARKER = "SAMPAN_CONTAINER_ID";

    private final ProcTable processes;

    ProcessTree(ProcTable processes) {
        this.processes = processes;
    }

    /** @param supervisor the container's session; 0 when it is not known */
    Set<Integer> members(String id, int supervisor, Cgroups.Group group) {
        var members = new LinkedHashSet<>(group.processes());
        for (var process : processes.all()) {
            boolean inSession = supervisor > 0 && process.session() == supervisor;
            if (process.alive() && (inSession || processes.hasEnvironment(process.pid(), MARKER + "=" + id))) {
                members.add(process.pid());
            }
        }
        members.remove(supervisor);
        return members;
    }

    /** Kills until nothing is left; gives up on what does not die (uninterruptible) after some rounds. */
    boolean killAll(String id, int supervisor, Cgroups.Group group) throws InterruptedException {
        for (int round = 0; round < 50; round++) {
            var members = members(id, supervisor, group);
            if (members.isEmpty()) {
                return true;
            }
            members.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            Thread.sleep(Math.min(5L << Math.min(round, 5), 100));
        }
        return false;
    }
}
