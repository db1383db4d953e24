package dev.sampan.scheduler.framework;

import dev.sampan.scheduler.snapshot.PodInfo;
import dev.sampan.scheduler.snapshot.Snapshot;

/** Rules nodes out. */
public interface FilterPlugin extends Plugin {

    /** Looks at what does not depend on the single node; called once for each scheduling attempt. */
    Prefilter prefilter(PodInfo pod, Snapshot snapshot);
}
