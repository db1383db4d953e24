/**
 * The main job as a tour: from handwritten digits to predictions through an ingress, on a cluster of one's own.
 *
 * <p>Everything is applied from the files of {@code examples/digits}; nothing here knows more of the cluster than a person
 * with kubectl would.
 */
@NullMarked
package dev.sampan.app.demo;

import org.jspecify.annotations.NullMarked;
