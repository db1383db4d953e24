/**
 * TensorFlow Serving's gRPC services: messages to tensors and back, errors to statuses. Stateless; each call runs in a virtual
 * thread.
 */
@NullMarked
package dev.sampan.serving.grpc;

import org.jspecify.annotations.NullMarked;
