package dev.sampan.serving.wire;

import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a message that still lie in the network's buffers, in one piece or several: they are copied once, to where they are
 * needed. Owned by one thread at a time.
 */
public final class Content implements Tensor.Content {
    private final List<ByteBuffer> pieces;
    private final int bytes;
    private final BufferScope scope;
    private @Nullable ByteBuffer whole;

    Content(List<ByteBuffer> pieces, int bytes, BufferScope scope) {
        this.pieces = pieces;
        this.bytes = bytes;
        this.scope = scope;
    }

    @Override
    public int bytes() {
        return bytes;
    }

    @Override
    public ByteBuffer data() {
        var data = whole;
        if (data == null) {
            data = scope.take(bytes);
            copyTo(data, 0);
            whole = data;
        }
        return data;
    }

    @Override
    public void copyTo(ByteBuffer target, int at) {
        int to = at;
        for (var piece : pieces) {
            target.put(to, piece, 0, piece.limit());
            to += piece.limit();
        }
    }
}
