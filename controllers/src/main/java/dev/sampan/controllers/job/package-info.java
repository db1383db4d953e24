/**
 * Jobs: pods until enough have succeeded. {@link dev.sampan.controllers.job.JobDecision} decides from a snapshot, {@link
 * dev.sampan.controllers.job.JobController} applies and owns the expectations and the back-off of each job. A pod's end
 * is counted exactly once: its UID goes into the job's status before its finalizer is removed, and into the counters
 * after that was seen.
 */
@NullMarked
package dev.sampan.controllers.job;

import org.jspecify.annotations.NullMarked;
