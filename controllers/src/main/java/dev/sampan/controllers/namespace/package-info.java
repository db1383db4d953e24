/**
 * Empties namespaces that are being deleted and then lets them go. {@link
 * dev.sampan.controllers.namespace.NamespaceConditions} is pure; {@link
 * dev.sampan.controllers.namespace.NamespaceController} deletes whatever discovery shows. No state but the queue.
 */
@NullMarked
package dev.sampan.controllers.namespace;

import org.jspecify.annotations.NullMarked;
