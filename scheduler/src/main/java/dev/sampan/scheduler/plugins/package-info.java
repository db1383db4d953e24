/**
 * The scheduling policies, one a file, with the names, messages, weights and arithmetic of Kubernetes' default profile.
 * {@link dev.sampan.scheduler.plugins.DefaultProfile} lists them in order.
 */
@NullMarked
package dev.sampan.scheduler.plugins;

import org.jspecify.annotations.NullMarked;
