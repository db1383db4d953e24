/**
 * ReplicaSets and ReplicationControllers: as many pods of a template as wanted. {@link
 * dev.sampan.controllers.replicaset.Replication} decides how many to create and which to delete; {@link
 * dev.sampan.controllers.replicaset.ReplicationLoop} applies it for any kind that a {@link
 * dev.sampan.controllers.replicaset.ReplicaKind} describes, and owns the expectations.
 */
@NullMarked
package dev.sampan.controllers.replicaset;

import org.jspecify.annotations.NullMarked;
