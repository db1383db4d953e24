package dev.sampan.node.process;

import dev.sampan.node.logs.LogWriter;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** What all containers of the runtime share. Immutable. */
record ProcessHost(
        Tools tools,
        HostLayout layout,
        Cgroups cgroups,
        ProcTable processes,
        ProcessTree tree,
        LogWriter.Rotation rotation,
        InstantSource clock,
        Executor executor,
        String bootId,
        Consumer<String> listener) {

    void changed(String podUid) {
        listener.accept(podUid);
    }
}
