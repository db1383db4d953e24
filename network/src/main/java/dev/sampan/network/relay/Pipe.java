package dev.sampan.network.relay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection. What the receiver does not take at once is kept, and nothing more is read from the sender
 * until it is gone, so that a slow receiver slows the sender down. The end of the stream is passed on as a half-close.
 */
final class Pipe {

    /** Reads in a row before other connections get their turn. */
    private static final int TURNS = 8;

    private final SocketChannel from;
    private final SocketChannel to;
    private final SelectionKey fromKey;
    private final SelectionKey toKey;
    private @Nullable ByteBuffer kept;
    private boolean ended;
    private boolean finished;

    Pipe(SelectionKey fromKey, SelectionKey toKey) {
        this.from = (SocketChannel) fromKey.channel();
        this.to = (SocketChannel) toKey.channel();
        this.fromKey = fromKey;
        this.toKey = toKey;
    }

    /** Moves what can be moved without waiting. */
    void transfer(ByteBuffer buffer) throws IOException {
        for (int turn = 0; turn < TURNS && kept == null && !ended; turn++) {
            buffer.clear();
            int count = from.read(buffer);
            if (count == 0) {
                return;
            }
            if (count < 0) {
                ended = true;
                stop(fromKey, SelectionKey.OP_READ);
                finish();
                return;
            }
            to.write(buffer.flip());
            if (buffer.hasRemaining()) {
                kept = ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
                stop(fromKey, SelectionKey.OP_READ);
                resume(toKey, SelectionKey.OP_WRITE);
            }
        }
    }

    /** The receiver takes more. */
    void drain() throws IOException {
        ByteBuffer rest = kept;
        if (rest != null) {
            to.write(rest);
            if (rest.hasRemaining()) {
                return;
            }
            kept = null;
        }
        stop(toKey, SelectionKey.OP_WRITE);
        if (!ended) {
            resume(fromKey, SelectionKey.OP_READ);
        }
        finish();
    }

    private void finish() throws IOException {
        if (ended && kept == null && !finished) {
            finished = true;
            to.shutdownOutput();
        }
    }

    boolean finished() {
        return finished;
    }

    private static void stop(SelectionKey key, int operation) {
        key.interestOpsAnd(~operation);
    }

    private static void resume(SelectionKey key, int operation) {
        key.interestOpsOr(operation);
    }
}
