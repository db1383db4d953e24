/**
 * What calls a model server: a small client for TensorFlow Serving's REST API, and a program that predicts files. Knows
 * nothing of the server in this module but its protocol.
 */
@NullMarked
package dev.sampan.serving.client;

import org.jspecify.annotations.NullMarked;
