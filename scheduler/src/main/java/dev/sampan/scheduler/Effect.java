package dev.sampan.scheduler;

import dev.sampan.scheduler.plugins.VolumePlan;
import dev.sampan.scheduler.snapshot.PodInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that the scheduling thread wants done to the cluster. */
sealed interface Effect {

    PodInfo pod();

    /** Bind the pod; answered by {@link SchedulingCore#bound} or {@link SchedulingCore#bindingFailed}. */
    record Bind(PodInfo pod, String node) implements Effect {}

    /**
     * Reserve or ask for volumes; the pod is bound once the watch shows its claims bound. A failure is answered by
     * {@link SchedulingCore#bindingFailed}.
     */
    record PrepareVolumes(PodInfo pod, String node, VolumePlan plan) implements Effect {}

    /** Say that the pod cannot be scheduled now. */
    record ReportFailure(PodInfo pod, Reason reason, String message, Nomination nomination) implements Effect {}

    /** Say that the pod waits for its gates. */
    record ReportGated(PodInfo pod) implements Effect {}

    /** Evict the victims to make room for the pod; {@code outranked} lose their nomination for the node. */
    record Evict(PodInfo pod, String node, List<PodInfo> victims, List<PodInfo> outranked) implements Effect {}

    /** The reason in the PodScheduled condition. */
    enum Reason {
        UNSCHEDULABLE("Unschedulable"),
        ERROR("SchedulerError");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** What becomes of status.nominatedNodeName. */
    sealed interface Nomination {
        record Keep() implements Nomination {}

        record Set(@Nullable String node) implements Nomination {}
    }
}
