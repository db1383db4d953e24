/** Reading one's own writes although caches lag behind. {@link dev.sampan.controllers.consistency.Written} owns its map. */
@NullMarked
package dev.sampan.controllers.consistency;

import org.jspecify.annotations.NullMarked;
