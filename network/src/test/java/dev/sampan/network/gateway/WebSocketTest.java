package dev.sampan.network.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WebSocketTest {

    private GatewayFixture gateway;
    private TinyServer server;

    @BeforeEach
    void open() throws IOException {
        gateway = new GatewayFixture();
        server = new TinyServer(WebSocketTest::serve);
        gateway.web(server.address());
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        server.close();
    }

    /** Greets, echoes frames, closes when told to. */
    private static void serve(TinyServer.Request request, OutputStream out) throws Exception {
        if (!request.target().equals("/chat?x=1")) {
            TinyServer.write(out, 403, "", "not here");
            return;
        }
        byte[] accept = MessageDigest.getInstance("SHA-1")
                .digest((request.headers().get("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                        .getBytes(StandardCharsets.US_ASCII));
        out.write(
                ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: "
                                + request.headers().get("sec-websocket-protocol") + "\r\nSec-WebSocket-Accept: "
                                + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        // Together with the head, as a server may do:
        out.write(new byte[] {(byte) 0x81, 5, 'h', 'e', 'l', 'l', 'o'});
        out.flush();
        var in = new DataInputStream(request.in());
        while (true) {
            int first = in.read();
            if (first < 0) {
                return;
            }
            byte[] payload = payload(in);
            if ((first & 0x0f) == 8) {
                out.write(new byte[] {(byte) 0x88, 0});
                return;
            }
            out.write(first);
            if (payload.length < 126) {
                out.write(payload.length);
            } else if (payload.length < 65_536) {
                out.write(126);
                out.write(
                        ByteBuffer.allocate(2).putShort((short) payload.length).array());
            } else {
                out.write(127);
                out.write(ByteBuffer.allocate(8).putLong(payload.length).array());
            }
            out.write(payload);
            out.flush();
        }
    }

    private static byte[] payload(DataInputStream in) throws IOException {
        long length = in.read() & 0x7f;
        length = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes((int) length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        return payload;
    }

    private static final class Inbox implements WebSocket.Listener {
        final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            messages.add("closed");
            return null;
        }

        String next() throws InterruptedException {
            return messages.poll(10, TimeUnit.SECONDS);
        }
    }

    private WebSocket connect(String path, Inbox inbox) {
        return gateway.client
                .newWebSocketBuilder()
                .subprotocols("chat")
                .buildAsync(URI.create("ws://127.0.0.1:" + gateway.gateway.httpPort() + path), inbox)
                .join();
    }

    @Test
    void messagesGoToAndFro() throws Exception {
        var inbox = new Inbox();
        WebSocket socket = connect("/chat?x=1", inbox);
        assertThat(socket.getSubprotocol()).isEqualTo("chat");
        assertThat(inbox.next()).isEqualTo("hello");
        for (int size : new int[] {1, 100, 70_000, 1_000_000}) {
            String message = "m".repeat(size);
            socket.sendText(message, true).join();
            assertThat(inbox.next()).isEqualTo(message);
        }
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
        assertThat(inbox.next()).isEqualTo("closed");
    }

    @Test
    void aRefusedUpgradeIsAnOrdinaryAnswer() {
        try {
            connect("/elsewhere", new Inbox());
        } catch (CompletionException e) {
            assertThat(e.getCause())
                    .isInstanceOfSatisfying(
                            WebSocketHandshakeException.class,
                            refused -> assertThat(refused.getResponse().statusCode())
                                    .isEqualTo(403));
            return;
        }
        throw new AssertionError("accepted");
    }

    @Test
    void openSocketsSurviveAChangeOfRoutes() throws Exception {
        var inbox = new Inbox();
        WebSocket socket = connect("/chat?x=1", inbox);
        assertThat(inbox.next()).isEqualTo("hello");
        gateway.web(Map.of());
        socket.sendText("still here", true).join();
        assertThat(inbox.next()).isEqualTo("still here");
    }

    @Test
    void aDeadBackendEndsTheSocket() throws Exception {
        var inbox = new Inbox();
        WebSocket socket = connect("/chat?x=1", inbox);
        assertThat(inbox.next()).isEqualTo("hello");
        server.kill();
        await().until(socket::isInputClosed);
    }
}
