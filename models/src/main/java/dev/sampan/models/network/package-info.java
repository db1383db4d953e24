/**
 * A feed-forward network over flat float arrays: forward pass, back-propagation and optimizers. Single-threaded;
 * every array belongs to the object that made it. Depends on nothing but {@code data}.
 */
@NullMarked
package dev.sampan.models.network;

import org.jspecify.annotations.NullMarked;
