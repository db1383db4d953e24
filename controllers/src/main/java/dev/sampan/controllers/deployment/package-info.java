/**
 * Deployments: ReplicaSets for each revision of a template, rolled over by strategy. {@link
 * dev.sampan.controllers.deployment.Rollout} decides from a snapshot, {@link
 * dev.sampan.controllers.deployment.DeploymentController} applies. Arithmetic, reasons and messages are those of
 * Kubernetes' deployment controller. No state but the work queue.
 */
@NullMarked
package dev.sampan.controllers.deployment;

import org.jspecify.annotations.NullMarked;
