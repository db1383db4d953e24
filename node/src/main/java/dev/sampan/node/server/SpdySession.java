package dev.sampan.node.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of a SPDY/3.1 connection as Kubernetes' clients speak it: the client opens streams, both sides send data on them.
 * Neither side of Kubernetes keeps SPDY's flow windows, so neither does this.
 *
 * <p>The decoder belongs to the thread that reads the connection; the encoder, whose header compression has a state, is behind a lock.
 */
final class SpdySession {

    private static final Logger LOG = LoggerFactory.getLogger(SpdySession.class);
    private static final int LARGEST_CHUNK = 1 << 20;
    private static final int LARGEST_HEADERS = 16 * 1024;
    private static final int COMPRESSION = 6;
    private static final int WINDOW_BITS = 15;
    private static final int MEMORY_LEVEL = 8;

    private final Wire wire;
    private final Listener listener;
    private final EmbeddedChannel decoder = codec();
    private final EmbeddedChannel encoder = codec();
    private final ReentrantLock decoding = new ReentrantLock();
    private final ReentrantLock encoding = new ReentrantLock();
    private final Map<Integer, SpdyStream> streams = new ConcurrentHashMap<>();

    /** What carries the frames. */
    interface Wire {
        /** Sends bytes as they are; blocks while the client is slow. */
        void send(ByteBuffer bytes) throws IOException;

        /** Ends the connection after what has been sent. */
        void close();
    }

    /** What the streams are for. Called by the thread that reads the connection: must not block. */
    interface Listener {
        /** @return whether the stream is welcome; otherwise it is reset */
        boolean opened(SpdyStream stream);

        /** The client is gone. */
        void gone();
    }

    SpdySession(Wire wire, java.util.function.Function<SpdySession, Listener> listener) {
        this.wire = wire;
        this.listener = listener.apply(this);
    }

    private static EmbeddedChannel codec() {
        return new EmbeddedChannel(new SpdyFrameCodec(
                SpdyVersion.SPDY_3_1, LARGEST_CHUNK, LARGEST_HEADERS, COMPRESSION, WINDOW_BITS, MEMORY_LEVEL, false));
    }

    /** Takes what came off the connection; waits while a stream's reader is slow. */
    void received(ByteBuffer bytes) throws IOException, InterruptedException {
        decoding.lock();
        try {
            decode(Unpooled.copiedBuffer(bytes));
            for (Object frame = decoder.readInbound(); frame != null; frame = decoder.readInbound()) {
                try {
                    receive(frame);
                } finally {
                    ReferenceCountUtil.release(frame);
                }
            }
        } finally {
            decoding.unlock();
        }
    }

    private void decode(ByteBuf bytes) throws IOException {
        try {
            decoder.writeInbound(bytes);
        } catch (Exception e) { // the codec throws checked exceptions that it does not declare
            throw new IOException("not SPDY: " + e.getMessage(), e);
        }
    }

    private void receive(Object frame) throws IOException, InterruptedException {
        switch (frame) {
            case SpdySynStreamFrame opening -> open(opening);
            case SpdyDataFrame data -> {
                var stream = streams.get(data.streamId());
                if (stream != null) {
                    stream.received(bytes(data.content()));
                    if (data.isLast()) {
                        stream.ended();
                    }
                }
            }
            case SpdyRstStreamFrame reset -> {
                var stream = streams.remove(reset.streamId());
                if (stream != null) {
                    stream.broken();
                }
            }
            case SpdyPingFrame ping -> send(ping);
            default -> LOG.trace("frame without meaning here: {}", frame);
        }
    }

    private void open(SpdySynStreamFrame opening) throws IOException {
        var headers = new HashMap<String, String>();
        opening.headers()
                .forEach(e -> headers.put(
                        e.getKey().toString().toLowerCase(Locale.ROOT),
                        e.getValue().toString()));
        var stream = new SpdyStream(this, opening.streamId(), headers);
        streams.put(stream.id(), stream);
        reply(stream.id()); // first of all: clients drop what comes on a stream that has no reply yet
        if (opening.isInvalid() || !listener.opened(stream)) {
            streams.remove(stream.id());
            send(new DefaultSpdyRstStreamFrame(stream.id(), SpdyStreamStatus.PROTOCOL_ERROR));
            return;
        }
        if (opening.isLast()) {
            stream.ended();
        }
    }

    private void reply(int stream) throws IOException {
        var reply = new DefaultSpdySynReplyFrame(stream);
        // Without any header the codec leaves the whole header block away, which Go's framer takes for a broken
        // connection.
        reply.headers().set("status", "200");
        send(reply);
    }

    private static byte[] bytes(ByteBuf buffer) {
        var bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    /** Sends bytes of a stream, with {@code last} its end. */
    void data(int stream, byte[] bytes, int offset, int length, boolean last) throws IOException {
        var frame = new DefaultSpdyDataFrame(stream, Unpooled.wrappedBuffer(bytes, offset, length));
        frame.setLast(last);
        send(frame);
    }

    private void send(Object frame) throws IOException {
        encoding.lock();
        try {
            encoder.writeOutbound(frame);
            for (ByteBuf bytes = encoder.readOutbound(); bytes != null; bytes = encoder.readOutbound()) {
                try {
                    wire.send(bytes.nioBuffer());
                } finally {
                    bytes.release();
                }
            }
        } finally {
            encoding.unlock();
        }
    }

    /** Lets go of a stream that is done with, so that nothing is kept of it. */
    void forget(SpdyStream stream) {
        streams.remove(stream.id());
        stream.broken();
    }

    /** The connection has ended, for both directions. Any thread, any number of times. */
    void gone() {
        streams.values().forEach(SpdyStream::broken); // before the locks: it frees who waits for a slow reader
        streams.clear();
        listener.gone();
        release(decoder, decoding);
        release(encoder, encoding);
    }

    /** Gives back what a codec holds: half a frame, and the memory of its compression. */
    private static void release(EmbeddedChannel codec, ReentrantLock lock) {
        lock.lock();
        try {
            var _ = codec.close();
            codec.releaseInbound();
            codec.releaseOutbound();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the connection. */
    void close() {
        wire.close();
    }
}
