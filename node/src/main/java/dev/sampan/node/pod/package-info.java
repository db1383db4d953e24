/** From a pod's specification to running containers and a truthful status. */
@NullMarked
package dev.sampan.node.pod;

import org.jspecify.annotations.NullMarked;
