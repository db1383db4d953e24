/**
 * TensorFlow Serving's REST API: routes, JSON to tensors and back, status and metadata documents.
 */
@NullMarked
package dev.sampan.serving.rest;

import org.jspecify.annotations.NullMarked;
