/** Trees of files that the node and the commands around it make and delete. */
@NullMarked
package dev.sampan.node.files;

import org.jspecify.annotations.NullMarked;
