package dev.sampan.node.server;

import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ExecSession;
import dev.sampan.node.runtime.ExecSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * One {@code exec} or {@code attach} over a WebSocket in Kubernetes' remote command protocol: the first byte of a message names its channel,
 * 0 standard input, 1 and 2 the outputs, 3 the final status, 4 the terminal's size, 255 (version 5) the end of a channel.
 */
public final class ExecSocket implements Session.Listener.AutoDemanding {

    private static final Logger LOG = LoggerFactory.getLogger(ExecSocket.class);
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int STATUS = 3;
    private static final int RESIZE = 4;
    private static final int CLOSE = 255;
    private static final byte[] END = new byte[0];
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final PodAccess pods;
    private final PodAccess.Place place;
    private final ExecSpec spec;
    private final LinkedBlockingQueue<byte[]> input = new LinkedBlockingQueue<>();
    private final ReentrantLock sending = new ReentrantLock();
    private volatile @Nullable ExecSession session;

    ExecSocket(PodAccess pods, PodAccess.Place place, ExecSpec spec) {
        this.pods = pods;
        this.place = place;
        this.spec = spec;
    }

    @Override
    public void onWebSocketOpen(Session socket) {
        Thread.ofVirtual().name("exec " + place).start(() -> run(socket));
    }

    private void run(Session socket) {
        try (var started = pods.exec(place, spec)) {
            session = started;
            var stdin = Thread.ofVirtual().start(() -> feed(started));
            var out = Thread.ofVirtual().start(() -> pump(started.stdout(), STDOUT, socket));
            var err = Thread.ofVirtual().start(() -> pump(started.stderr(), STDERR, socket));
            int code = started.waitFor();
            out.join();
            err.join();
            stdin.interrupt();
            send(socket, STATUS, JSON.writeValueAsBytes(code == 0 ? success() : exited(code)));
        } catch (ContainerFailure | PodAccess.NotHere e) {
            send(socket, STATUS, JSON.writeValueAsBytes(failure(String.valueOf(e.getMessage()))));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            socket.close(StatusCode.NORMAL, "", Callback.NOOP);
        }
    }

    private static Map<String, Object> success() {
        return Map.of("metadata", Map.of(), "status", "Success");
    }

    private static Map<String, Object> exited(int code) {
        return Map.of(
                "metadata",
                Map.of(),
                "status",
                "Failure",
                "message",
                "command terminated with non-zero exit code: exit status " + code,
                "reason",
                "NonZeroExitCode",
                "details",
                Map.of("causes", List.of(Map.of("reason", "ExitCode", "message", Integer.toString(code)))));
    }

    private static Map<String, Object> failure(String message) {
        return Map.of(
                "metadata", Map.of(), "status", "Failure", "message", message, "reason", "InternalError", "code", 500);
    }

    private void feed(ExecSession started) {
        try (var stdin = started.stdin()) {
            for (var bytes = input.take(); bytes != END; bytes = input.take()) {
                stdin.write(bytes);
                stdin.flush();
            }
        } catch (IOException e) {
            LOG.debug("the command of {} reads no more: {}", place, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pump(InputStream from, int channel, Session socket) {
        var buffer = new byte[32 * 1024];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                send(socket, channel, java.util.Arrays.copyOf(buffer, count));
            }
        } catch (IOException e) {
            LOG.debug("output of {} ends: {}", place, e.toString());
        }
    }

    private void send(Session socket, int channel, byte[] bytes) {
        var message = ByteBuffer.allocate(bytes.length + 1);
        message.put((byte) channel).put(bytes).flip();
        var sent = new Callback.Completable();
        sending.lock(); // one message at a time
        try {
            socket.sendBinary(message, sent);
            sent.get();
        } catch (ExecutionException e) {
            LOG.debug("the client of an exec has gone: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sending.unlock();
        }
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        if (payload.hasRemaining()) {
            int channel = payload.get() & 0xff;
            var bytes = new byte[payload.remaining()];
            payload.get(bytes);
            receive(channel, bytes);
        }
        callback.succeed();
    }

    private void receive(int channel, byte[] bytes) {
        switch (channel) {
            case STDIN -> {
                if (bytes.length > 0) {
                    input.add(bytes);
                }
            }
            case RESIZE -> resize(bytes);
            case CLOSE -> {
                if (bytes.length == 1 && bytes[0] == STDIN) {
                    input.add(END);
                }
            }
            default -> LOG.debug("a message for channel {}, which no client writes", channel);
        }
    }

    private void resize(byte[] json) {
        var running = session;
        var size = JSON.readTree(new String(json, StandardCharsets.UTF_8));
        if (running != null) {
            running.resize(size.path("Width").intValue(), size.path("Height").intValue());
        }
    }

    @Override
    public void onWebSocketClose(int statusCode, String reason, Callback callback) {
        input.add(END);
        var running = session;
        if (running != null && statusCode != StatusCode.NORMAL) {
            running.close();
        }
        callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        LOG.debug("exec in {} broke off: {}", place, cause.toString());
    }
}
