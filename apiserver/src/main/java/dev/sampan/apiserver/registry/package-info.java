/**
 * The generic registry: create, get, list, update, patch and delete of any kind over the store, one class a verb. The
 * store owns the objects' state; {@link dev.sampan.apiserver.registry.ServedTypes} owns the table of what is served.
 */
@NullMarked
package dev.sampan.apiserver.registry;

import org.jspecify.annotations.NullMarked;
