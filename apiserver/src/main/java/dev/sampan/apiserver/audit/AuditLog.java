package dev.sampan.apiserver.audit;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Auditor;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.audit.AuditPolicy.Level;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Writes events as JSON lines, before the client gets its answer, as Kubernetes' blocking mode does. Thread-safe. */
public final class AuditLog implements Auditor, AutoCloseable {

    private final AuditPolicy policy;
    private final Consumer<byte[]> sink;
    private final AutoCloseable closing;
    private final InstantSource clock;
    private final Function<byte[], @Nullable ObjectNode> bodies;

    /**
     * Reads the policy and opens the log with its first event.
     *
     * @param bodies reads an object from a body in any format; null for what is none
     * @throws IllegalArgumentException when the policy is none
     */
    public AuditLog(AuditOptions options, InstantSource clock, Function<byte[], @Nullable ObjectNode> bodies) {
        this.policy = AuditPolicy.read(options.policyFile());
        this.clock = clock;
        this.bodies = bodies;
        if (options.logFile().toString().equals("-")) {
            var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            this.sink = out::writeBytes;
            this.closing = out::flush;
        } else {
            var file = new RotatingFile(options, clock);
            this.sink = file::write;
            this.closing = file;
        }
    }

    @Override
    public @Nullable Trail begin(
            ApiRequest request, Attributes attributes, UserInfo user, @Nullable UserInfo impersonator) {
        var decision = policy.decide(impersonator == null ? user : impersonator, attributes);
        return decision.level() == Level.None
                ? null
                : new RequestTrail(this, decision, request, attributes, user, impersonator);
    }

    InstantSource clock() {
        return clock;
    }

    @Nullable
    ObjectNode read(byte[] body) {
        return body.length == 0 ? null : bodies.apply(body);
    }

    void write(ObjectNode event) {
        sink.accept((event + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        try {
            closing.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
