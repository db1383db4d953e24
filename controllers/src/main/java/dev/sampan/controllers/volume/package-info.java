/**
 * Claims get volumes: matching ones that exist, or new directories from the provisioner {@code sampan.dev/local}. {@link
 * dev.sampan.controllers.volume.ClaimDecision} and {@link dev.sampan.controllers.volume.VolumeDecision} decide, {@link
 * dev.sampan.controllers.volume.VolumeController} applies, {@link dev.sampan.controllers.volume.LocalVolumes} owns the
 * directories. What is in use is protected by finalizers.
 */
@NullMarked
package dev.sampan.controllers.volume;

import org.jspecify.annotations.NullMarked;
