/**
 * Protobuf's wire format without messages: fields go from the network's buffers straight into tensors' buffers, and answers
 * from there into the network's. Knows no particular message. Stateless but for one message.
 */
@NullMarked
package dev.sampan.serving.wire;

import org.jspecify.annotations.NullMarked;
