package dev.sampan.operators.training;

import java.util.Map;

/** What differs between kinds of training jobs. */
interface Framework {

    /** The operator's name in labels. */
    String operatorName();

    /** The container that trains. */
    String containerName();

    /** The name of the port on which replicas reach each other; {@link #port} unless the container declares it otherwise. */
    String portName();

    int port();

    /** Whether the replica leads the training. */
    boolean leads(Job job, String role, int index);

    /** What the training container of a replica is told in addition. */
    Map<String, String> environment(Job job, String role, int index);

    /** Whether the job goes on although pods of the role have failed for good. */
    boolean outlives(String role);

    /** What the pods of a role say of the job. */
    Verdict verdict(Job job, String role, Replicas replicas);

    /**
     * What one role's pods say of the job.
     *
     * @param running it is running
     * @param succeeded it is done
     */
    record Verdict(boolean running, boolean succeeded) {

        static final Verdict NOTHING = new Verdict(false, false);
    }
}
