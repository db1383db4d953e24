/**
 * Who controls an object: controller references, and the adoption and release of orphans. Decisions are pure; {@link
 * dev.sampan.controllers.ownership.Claims} applies them through the client. No state.
 */
@NullMarked
package dev.sampan.controllers.ownership;

import org.jspecify.annotations.NullMarked;
