/**
 * Which versions of which models are loaded: source (what is there) → policy (what should be) → manager (makes it so)
 * → handle (what a request holds). Aspired-versions design of TensorFlow Serving (Olston et al. 2017). The manager owns all
 * state under one lock, no I/O inside; requests read one immutable map.
 */
@NullMarked
package dev.sampan.serving.servable;

import org.jspecify.annotations.NullMarked;
