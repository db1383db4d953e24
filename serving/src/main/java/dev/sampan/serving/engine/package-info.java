/**
 * The port behind which models run, and the engines. An engine knows files and tensors, nothing of versions or protocols.
 */
@NullMarked
package dev.sampan.serving.engine;

import org.jspecify.annotations.NullMarked;
