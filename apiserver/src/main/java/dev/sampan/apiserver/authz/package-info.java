/**
 * Who may do what: RBAC with Kubernetes' bootstrap roles, the node authorizer, escalation checks and access reviews.
 * {@link dev.sampan.apiserver.authz.Authorization} wires the parts; {@code RbacState} and {@code NodeGraph} own what is
 * known of roles, bindings and pods, each written by one follower thread.
 */
@NullMarked
package dev.sampan.apiserver.authz;

import org.jspecify.annotations.NullMarked;
