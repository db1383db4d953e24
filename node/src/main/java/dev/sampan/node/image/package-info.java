/**
 * Images: names, the local store of OCI image layouts, images that are programs of this project, and names that stand
 * for programs of the host. The store owns its directory; several processes may add to it.
 */
@NullMarked
package dev.sampan.node.image;

import org.jspecify.annotations.NullMarked;
