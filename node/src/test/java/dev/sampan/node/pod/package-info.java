@NullMarked
package dev.sampan.node.pod;

import org.jspecify.annotations.NullMarked;
