/**
 * The Open Inference Protocol V2 over HTTP and gRPC, with the extensions that Triton's clients use: binary tensors,
 * classification, repository, configuration and statistics. Stateless; the servables belong to the manager.
 */
@NullMarked
package dev.sampan.serving.v2;

import org.jspecify.annotations.NullMarked;
