package dev.sampan.node.server;

import dev.sampan.node.runtime.ContainerFailure;
import dev.sampan.node.runtime.ExecSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * One {@code exec} or {@code attach}: carries the streams between a client, whatever protocol it speaks, and a command. One thread runs it;
 * {@link #resize} and {@link #clientGone} may come from any.
 */
final class CommandRun {

    private static final Logger LOG = LoggerFactory.getLogger(CommandRun.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int BUFFER = 32 * 1024;
    private static final long STACK = 128 * 1024;

    /** How long a command may go on once its client has gone and its input has ended. */
    private static final long LAST_MILLIS = 2000;

    private final StreamRequest.Command request;
    private final PodAccess pods;
    private final CountDownLatch finished = new CountDownLatch(1);
    private @Nullable ExecSession session; // guarded by this
    private @Nullable Size size; // guarded by this; the client often tells it before the command has started
    private volatile @Nullable Thread runner;
    private volatile boolean gone;

    CommandRun(StreamRequest.Command request, PodAccess pods) {
        this.request = request;
        this.pods = pods;
    }

    /**
     * The channels that the client has opened.
     *
     * @param stdin null when the command gets no input
     * @param stdout null when nobody wants it; with {@code stderr} likewise
     * @param status gets the final status
     */
    record Channels(
            @Nullable InputStream stdin,
            @Nullable OutputStream stdout,
            @Nullable OutputStream stderr,
            OutputStream status) {}

    /** A terminal's. */
    private record Size(int columns, int rows) {}

    /** Runs to the end of the command or of the client; the status is written by then. */
    void run(Channels channels) {
        runner = Thread.currentThread();
        try (var started = pods.exec(request.place(), request.spec());
                var status = channels.status()) {
            begin(started);
            status.write(carry(started, channels));
        } catch (ContainerFailure | PodAccess.NotHere e) {
            fail(channels, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            LOG.debug("the client of {} has gone: {}", request.place(), e.toString());
        } catch (InterruptedException e) {
            LOG.debug("the client of {} has gone while it went on", request.place());
        } finally {
            finished.countDown();
        }
    }

    private void fail(Channels channels, String message) {
        try (var status = channels.status()) {
            status.write(CommandStatus.failure(message));
        } catch (IOException e) {
            LOG.debug("nobody hears that {} failed: {}", request.place(), message);
        }
    }

    private byte[] carry(ExecSession started, Channels channels) throws InterruptedException {
        var stdin = channels.stdin();
        if (stdin != null) {
            pump("stdin", stdin, started.stdin());
        }
        var out = pump("stdout", started.stdout(), orNowhere(channels.stdout()));
        var err = pump("stderr", started.stderr(), orNowhere(channels.stderr()));
        int code = started.waitFor();
        out.join();
        err.join();
        if (stdin != null) {
            closeQuietly(stdin); // the client may write on for ever
        }
        return code == 0 || request.attach() ? CommandStatus.success() : CommandStatus.exited(code);
    }

    private static OutputStream orNowhere(@Nullable OutputStream stream) {
        return stream == null ? OutputStream.nullOutputStream() : stream;
    }

    /** A platform thread, because a command's pipes and terminals block it. Ends the target with the source. */
    private Thread pump(String name, InputStream from, OutputStream to) {
        var thread = new Thread(null, () -> copy(from, to), name + " " + request.place(), STACK);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void copy(InputStream from, OutputStream to) {
        try (to) {
            var buffer = new byte[BUFFER];
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                to.write(buffer, 0, count);
                to.flush();
            }
        } catch (IOException e) {
            LOG.debug("a stream of {} ends: {}", request.place(), e.toString());
        }
    }

    private static void closeQuietly(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.toString());
        }
    }

    /** Sets the terminal's size from {@code {"Width":80,"Height":24}}; what is no such size is passed over. */
    void resize(byte[] json) {
        if (json.length == 0) {
            return;
        }
        try {
            var tree = JSON.readTree(json);
            apply(new Size(tree.path("Width").intValue(0), tree.path("Height").intValue(0)));
        } catch (JacksonException e) {
            LOG.debug("not a terminal's size: {}", e.getMessage());
        }
    }

    private synchronized void begin(ExecSession started) {
        session = started;
        if (size != null) {
            started.resize(size.columns(), size.rows());
        }
    }

    private synchronized void apply(Size wanted) {
        size = wanted;
        if (session != null) {
            session.resize(wanted.columns(), wanted.rows());
        }
    }

    /** The client has gone: its input has ended with it. A command that does not end of this is ended; what was attached to goes on. */
    void clientGone() {
        if (gone) {
            return;
        }
        gone = true;
        Thread.ofVirtual().name("ending " + request.place()).start(this::endSoon);
    }

    private void endSoon() {
        try {
            if (finished.await(request.attach() ? 0 : LAST_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
            var running = runner;
            if (running != null) {
                running.interrupt(); // leaves the wait, and closes the session
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
