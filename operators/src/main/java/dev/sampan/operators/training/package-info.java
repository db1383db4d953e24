/**
 * Training jobs to the rules of Kubeflow's training operator v1. {@link dev.sampan.operators.training.JobDecision} decides, purely,
 * what a job's pods, services and status should become; {@link dev.sampan.operators.training.TrainingOperator} watches and applies.
 * Owns no state but what the cluster holds. Depends on the client only.
 */
@NullMarked
package dev.sampan.operators.training;

import org.jspecify.annotations.NullMarked;
