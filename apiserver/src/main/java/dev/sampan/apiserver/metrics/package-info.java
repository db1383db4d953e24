/**
 * {@code metrics.k8s.io/v1beta1}: what nodes and pods use now, read from the nodes when somebody asks. Nothing is stored. May use the
 * proxy package to reach the nodes.
 */
@NullMarked
package dev.sampan.apiserver.metrics;

import org.jspecify.annotations.NullMarked;
