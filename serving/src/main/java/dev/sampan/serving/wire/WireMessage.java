package dev.sampan.serving.wire;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** An answer that writes itself. What it is made of need not live longer than the call that sends it. */
public interface WireMessage {
    /** Its size in bytes. */
    int size();

    /** Writes exactly so many bytes. */
    void write(ProtoWriter out) throws IOException;

    /** As gRPC takes it: written straight into the network's buffers. */
    static InputStream stream(WireMessage message) {
        return new Stream(message);
    }

    /** gRPC asks for the size and drains it, compressed or not; nobody reads it as a stream. */
    final class Stream extends InputStream implements KnownLength, Drainable {
        private final WireMessage message;
        private final int size;

        private Stream(WireMessage message) {
            this.message = message;
            this.size = message.size();
        }

        @Override
        public int available() {
            return size;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            var out = new ProtoWriter(target, size);
            message.write(out);
            out.flush();
            return size;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("a wire message is drained");
        }
    }
}
