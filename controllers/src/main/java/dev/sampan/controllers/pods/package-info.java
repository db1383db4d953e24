/**
 * What every controller of pods needs: a pod's readiness and activity, a pod made from a template, creation and deletion
 * with their events, the hash of a template, and expectations. {@link dev.sampan.controllers.pods.Expectations} owns its
 * map; the rest has no state.
 */
@NullMarked
package dev.sampan.controllers.pods;

import org.jspecify.annotations.NullMarked;
