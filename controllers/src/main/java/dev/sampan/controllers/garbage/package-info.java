/**
 * Deletes objects whose owners are gone. {@link dev.sampan.controllers.garbage.Graph} knows who owns whom, of every kind,
 * from watches of metadata; {@link dev.sampan.controllers.garbage.Verdict} decides about one object from live facts;
 * {@link dev.sampan.controllers.garbage.GarbageCollector} applies. Background, foreground and orphan propagation are
 * those of Kubernetes.
 */
@NullMarked
package dev.sampan.controllers.garbage;

import org.jspecify.annotations.NullMarked;
