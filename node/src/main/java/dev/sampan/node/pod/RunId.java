package dev.sampan.node.pod;

/** One run of one container of one pod; the attempt is 0 for the first run and one more for each restart. */
record RunId(String podUid, String container, int attempt) {}
