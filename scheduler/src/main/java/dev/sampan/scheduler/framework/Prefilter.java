package dev.sampan.scheduler.framework;

import java.util.Set;

/** What a filter concludes about a pod before it looks at single nodes. */
public sealed interface Prefilter {

    Skip SKIP = new Skip();

    /** The filter has nothing to say about this pod. */
    record Skip() implements Prefilter {}

    /** No node will do. */
    record Reject(Rejection rejection) implements Prefilter {}

    /** Each node is to be checked. */
    record Check(NodeCheck check) implements Prefilter {}

    /** Only the named nodes come into question, and each is to be checked. */
    record CheckOnly(Set<String> nodeNames, NodeCheck check) implements Prefilter {}
}
