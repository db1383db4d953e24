package dev.sampan.node.server;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One {@code exec} or {@code attach} over SPDY: the client opens a stream for each channel, and the command starts when all are there. */
final class SpdyCommand implements SpdySession.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(SpdyCommand.class);

    private final SpdySession session;
    private final StreamRequest.Command request;
    private final CommandRun run;
    private final Map<String, SpdyStream> streams = new ConcurrentHashMap<>();

    SpdyCommand(SpdySession session, StreamRequest.Command request, CommandRun run) {
        this.session = session;
        this.request = request;
        this.run = run;
    }

    @Override
    public boolean opened(SpdyStream stream) {
        var type = stream.header("streamType");
        boolean wanted = switch (type) {
            case "error" -> true;
            case "stdin" -> request.spec().stdin();
            case "stdout" -> request.stdout();
            case "stderr" -> request.stderr();
            case "resize" -> request.spec().tty();
            default -> false;
        };
        if (!wanted || streams.putIfAbsent(type, stream) != null) {
            return false;
        }
        if (streams.size() == request.streams()) {
            Thread.ofVirtual().name("command " + request.place()).start(this::start);
        }
        return true;
    }

    private void start() {
        var resize = streams.get("resize");
        if (resize != null) {
            Thread.ofVirtual().name("resize " + request.place()).start(() -> follow(resize));
        }
        var stdin = streams.get("stdin");
        try {
            run.run(new CommandRun.Channels(
                    stdin == null ? null : stdin.input(), output("stdout"), output("stderr"), output()));
        } finally {
            session.close();
        }
    }

    private OutputStream output() {
        return java.util.Objects.requireNonNull(output("error"), "counted among the streams");
    }

    private @Nullable OutputStream output(String type) {
        var stream = streams.get(type);
        return stream == null ? null : stream.output();
    }

    /** Each line is a size. */
    private void follow(SpdyStream resize) {
        try (var lines = new java.io.BufferedReader(
                new java.io.InputStreamReader(resize.input(), java.nio.charset.StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                run.resize(line.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            LOG.debug("sizes of {} end: {}", request.place(), e.toString());
        }
    }

    @Override
    public void gone() {
        run.clientGone();
    }
}
