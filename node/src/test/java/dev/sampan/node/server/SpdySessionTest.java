package dev.sampan.node.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpdySessionTest {

    private final EmbeddedChannel client = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final List<SpdyStream> opened = new ArrayList<>();
    private boolean gone;
    private boolean welcome = true;

    private final SpdySession session = new SpdySession(
            new SpdySession.Wire() {
                @Override
                public void send(ByteBuffer bytes) {
                    client.writeInbound(Unpooled.copiedBuffer(bytes));
                }

                @Override
                public void close() {}
            },
            s -> new SpdySession.Listener() {
                @Override
                public boolean opened(SpdyStream stream) {
                    opened.add(stream);
                    return welcome;
                }

                @Override
                public void gone() {
                    gone = true;
                }
            });

    private void send(Object frame) throws Exception {
        client.writeOutbound(frame);
        for (ByteBuf bytes = client.readOutbound(); bytes != null; bytes = client.readOutbound()) {
            while (bytes.isReadable()) { // in pieces, as a network may bring them
                session.received(
                        bytes.readSlice(Math.min(5, bytes.readableBytes())).nioBuffer());
            }
        }
    }

    private SpdyStream open(int id) throws Exception {
        var frame = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
        frame.headers().set("streamtype", "data").set("port", "80");
        send(frame);
        return opened.getLast();
    }

    private void data(int id, String text, boolean last) throws Exception {
        var frame = new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        frame.setLast(last);
        send(frame);
    }

    @Test
    void opensStreamsWithTheirHeaders() throws Exception {
        var stream = open(1);

        assertThat(stream.header("streamType")).isEqualTo("data");
        assertThat(stream.header("STREAMTYPE")).isEqualTo("data");
        assertThat(stream.header("requestID")).isEmpty();
        SpdySynReplyFrame reply = client.readInbound();
        assertThat(reply.streamId()).isEqualTo(1);
        assertThat(reply.headers().isEmpty()).as("Go needs a header block").isFalse();
    }

    @Test
    void keepsStreamsAndDirectionsApart() throws Exception {
        var one = open(1);
        var two = open(3);
        client.readInbound();
        client.readInbound();
        data(1, "for one", true);
        data(3, "for two", false);
        one.output().write("answer".getBytes(StandardCharsets.UTF_8));
        one.output().close();

        assertThat(new String(one.input().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("for one");
        assertThat(new String(two.input().readNBytes(7), StandardCharsets.UTF_8))
                .isEqualTo("for two");
        SpdyDataFrame answer = client.readInbound();
        assertThat(answer.content().toString(StandardCharsets.UTF_8)).isEqualTo("answer");
        SpdyDataFrame end = client.readInbound();
        assertThat(end.isLast()).isTrue();
    }

    @Test
    void answersPings() throws Exception {
        send(new DefaultSpdyPingFrame(7));

        assertThat(((SpdyPingFrame) client.readInbound()).id()).isEqualTo(7);
    }

    @Test
    void resetsWhatNobodyWants() throws Exception {
        welcome = false;
        open(1);

        assertThat((Object) client.readInbound()).isInstanceOf(SpdySynReplyFrame.class);
        assertThat(((SpdyRstStreamFrame) client.readInbound()).status()).isEqualTo(SpdyStreamStatus.PROTOCOL_ERROR);
    }

    @Test
    void breaksAStreamThatTheClientResets() throws Exception {
        var stream = open(1);
        send(new DefaultSpdyRstStreamFrame(1, SpdyStreamStatus.CANCEL));

        assertThatThrownBy(() -> stream.input().read()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> stream.output().write(1)).isInstanceOf(IOException.class);
    }

    @Test
    void breaksEveryStreamWhenTheClientIsGone() throws Exception {
        var stream = open(1);
        session.gone();

        assertThat(gone).isTrue();
        assertThatThrownBy(() -> stream.input().read()).isInstanceOf(IOException.class);
    }

    @Test
    void refusesWhatIsNotSpdy() {
        var frame = ByteBuffer.wrap(new byte[] {(byte) 0x80, 9, 0, 1, 0, 0, 0, 4, 0, 0, 0, 0});

        assertThatThrownBy(() -> session.received(frame)).isInstanceOf(IOException.class);
    }
}
