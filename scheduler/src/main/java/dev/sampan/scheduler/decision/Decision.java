package dev.sampan.scheduler.decision;

/** The outcome of one scheduling attempt. */
public sealed interface Decision {

    /** Where the next attempt should begin to look, so that all nodes get their turn. */
    int nextStart();

    /**
     * The pod goes to this node.
     *
     * @param evaluated how many nodes were looked at
     * @param feasible how many of them would do
     */
    record Place(String node, int evaluated, int feasible, int nextStart) implements Decision {}

    /** No node will do. */
    record NoFit(Diagnosis diagnosis, int nextStart) implements Decision {}
}
