package dev.sampan.apiserver.http;

import dev.sampan.apiserver.ApiResponse.StreamBody;
import dev.sampan.apiserver.ApiResponse.StreamSink;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Writes answers that go on, and ends them when the client goes away. */
final class StreamWriter {

    private StreamWriter() {}

    static void write(StreamBody body, Request request, Response response, Callback callback) throws IOException {
        request.addFailureListener(failure -> body.close());
        var version = request.getConnectionMetaData().getHttpVersion();
        boolean chunked = version == HttpVersion.HTTP_1_1;
        if (chunked) {
            response.getHeaders().put(Chunks.HEADER);
        }
        if (version != HttpVersion.HTTP_2) {
            // The connection is watched for the client's going away, which reads from it: it ends with the stream.
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            new DisconnectDetector(
                            request.getConnectionMetaData().getConnection().getEndPoint(), body)
                    .arm();
        }
        var ended = new AtomicBoolean();
        Runnable abort = () -> {
            if (ended.compareAndSet(false, true)) {
                callback.failed(new IOException("the client is too slow"));
            }
        };
        try (body) {
            var raw = Content.Sink.asOutputStream(response);
            // Without a size its buffer begins small, which counts where thousands watch.
            var out = new BufferedOutputStream(chunked ? new Chunks(raw) : raw);
            out.flush();
            body.writeTo(new Sink(out, abort));
            out.close();
        } catch (IOException e) {
            if (ended.compareAndSet(false, true)) {
                throw e;
            }
            return;
        }
        if (ended.compareAndSet(false, true)) {
            callback.succeeded();
        }
    }

    /** @param ending ends the exchange with a failure, once */
    private record Sink(OutputStream out, Runnable ending) implements StreamSink {
        @Override
        public void abort() {
            ending.run();
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            out.write(bytes);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
