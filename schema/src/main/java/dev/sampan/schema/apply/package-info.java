/**
 * Server-side apply: which manager owns which field, what an apply changes, and where managers disagree. The algorithms are
 * those of sigs.k8s.io/structured-merge-diff and of apimachinery's field manager. Pure functions; no state.
 */
@NullMarked
package dev.sampan.schema.apply;

import org.jspecify.annotations.NullMarked;
