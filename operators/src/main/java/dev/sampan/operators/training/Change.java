package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;

/** One thing to do to the cluster for a job. */
sealed interface Change {

    record CreateService(Service service) implements Change {}

    record CreatePod(Pod pod) implements Change {}

    record DeletePod(String name) implements Change {}

    record DeleteService(String name) implements Change {}

    record DeleteJob() implements Change {}

    /** @param type Normal or Warning */
    record Tell(String type, String reason, String message) implements Change {

        static Tell normal(String reason, String message) {
            return new Tell("Normal", reason, message);
        }

        static Tell warning(String reason, String message) {
            return new Tell("Warning", reason, message);
        }
    }

    record UpdateStatus(JobStatus status) implements Change {}
}
