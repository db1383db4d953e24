/** The model server against other people's software: TensorFlow, pretrained models. */
@NullMarked
package dev.sampan.conformance;

import org.jspecify.annotations.NullMarked;
