package dev.sampan.serving.accesslog;

import dev.sampan.serving.json.JsonWriter;
import dev.sampan.serving.requestlog.FileAppender;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Writes a line of JSON for each request, off the request's thread. */
public final class AccessLog implements AutoCloseable {
    private static final long NANOS_PER_MICRO = 1000;

    private final Path file;
    private final FileAppender appender = new FileAppender("access-log");
    private final InstantSource clock;
    private final LongSupplier random;

    /**
     * A finished request.
     *
     * @param status HTTP's number or gRPC's name
     * @param in bytes of the request's body; -1 if unknown
     * @param out bytes of the answer's body; -1 if unknown
     */
    public record Entry(
            String protocol,
            String method,
            String path,
            String status,
            String client,
            long nanos,
            long in,
            long out,
            TraceContext trace) {}

    public AccessLog(Path file, InstantSource clock) {
        this(file, clock, () -> ThreadLocalRandom.current().nextLong());
    }

    AccessLog(Path file, InstantSource clock, LongSupplier random) {
        this.file = file;
        this.clock = clock;
        this.random = random;
    }

    /** The trace of a request that brings this header, or none. */
    public TraceContext trace(@Nullable String traceparent) {
        return TraceContext.of(traceparent, random);
    }

    public void add(Entry entry) {
        appender.append(file, line(clock.instant(), entry));
    }

    static byte[] line(Instant time, Entry entry) {
        var out = new JsonWriter();
        field(out.put('{'), "time", time.toString());
        field(out.put(','), "protocol", entry.protocol);
        field(out.put(','), "method", entry.method);
        field(out.put(','), "path", entry.path);
        field(out.put(','), "status", entry.status);
        field(out.put(','), "client", entry.client);
        out.raw(",\"micros\":").whole(entry.nanos / NANOS_PER_MICRO);
        if (entry.in >= 0) {
            out.raw(",\"in\":").whole(entry.in);
        }
        if (entry.out >= 0) {
            out.raw(",\"out\":").whole(entry.out);
        }
        field(out.put(','), "trace_id", entry.trace.traceId());
        field(out.put(','), "span_id", entry.trace.spanId());
        if (!entry.trace.parentId().isEmpty()) {
            field(out.put(','), "parent_id", entry.trace.parentId());
        }
        var text = out.raw("}\n").content();
        return Arrays.copyOf(text.array(), text.limit());
    }

    private static void field(JsonWriter out, String name, String value) {
        out.string(name).put(':').string(value);
    }

    @Override
    public void close() {
        appender.close();
    }
}
