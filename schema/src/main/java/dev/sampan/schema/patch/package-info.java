/** The patch types of Kubernetes as pure functions from a tree and a patch to a new tree. */
@NullMarked
package dev.sampan.schema.patch;

import org.jspecify.annotations.NullMarked;
