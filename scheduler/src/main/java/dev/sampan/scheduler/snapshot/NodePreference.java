package dev.sampan.scheduler.snapshot;

/** A node affinity that is only preferred. */
public record NodePreference(int weight, NodeMatcher.Term term) {}
