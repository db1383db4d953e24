/**
 * The built-in controllers, one package each. {@link dev.sampan.controllers.Controllers} composes them. Each reads from
 * shared informers, decides by a pure function and applies through the client; none knows another.
 */
@NullMarked
package dev.sampan.controllers;

import org.jspecify.annotations.NullMarked;
