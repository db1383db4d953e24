package dev.sampan.network.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to a backend, for one exchange at a time; used by one thread, except that a body may be written
 * by another.
 */
final class Http1Connection implements AutoCloseable {

    private static final int BUFFER = 32 * 1024;
    private static final int MAX_HEAD = 64 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final InetSocketAddress address;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
    private final Answer answer = new Answer();
    private final HttpParser parser = new HttpParser(answer, MAX_HEAD, HttpCompliance.RFC7230_LEGACY);
    private boolean used;
    private long idleSince;

    private Http1Connection(Socket socket, InetSocketAddress address) throws IOException {
        this.socket = socket;
        this.address = address;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /** The head of an answer. */
    record Head(int status, HttpFields fields, long contentLength) {}

    static Http1Connection open(InetSocketAddress address, Duration timeout, boolean tls) throws BackendFailure {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(address, (int) timeout.toMillis());
            return new Http1Connection(tls ? TrustingTls.over(socket, address) : socket, address);
        } catch (IOException e) {
            closeQuietly(socket);
            throw new BackendFailure(
                    BackendFailure.Stage.CONNECT, "cannot connect to " + text(address) + ": " + e.getMessage(), e);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    /** Whether it carried an exchange before, so that the backend may close it at any moment. */
    boolean used() {
        return used;
    }

    long idleSince() {
        return idleSince;
    }

    void idleSince(long nanoTime) {
        idleSince = nanoTime;
    }

    void write(byte[] bytes, int offset, int length) throws BackendFailure {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw failure(BackendFailure.Stage.BEFORE_ANSWER, e);
        }
    }

    void write(byte[] bytes) throws BackendFailure {
        write(bytes, 0, bytes.length);
    }

    /**
     * Waits for the head of the final answer, or of a 101.
     *
     * @param toHead whether the request was a HEAD, whose answer has no content
     */
    Head readHead(boolean toHead, Duration timeout) throws BackendFailure {
        try {
            socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, timeout.toMillis()));
            while (true) {
                parser.reset();
                answer.reset();
                parser.setHeadResponse(toHead);
                while (!answer.headComplete) {
                    step();
                }
                if (answer.status >= 200 || answer.status == 101) {
                    return new Head(answer.status, answer.fields.asImmutable(), parser.getContentLength());
                }
                while (!answer.complete) {
                    step();
                }
            }
        } catch (SocketTimeoutException e) {
            throw new BackendFailure(
                    BackendFailure.Stage.TIMEOUT,
                    text(address) + " did not answer within " + timeout.toSeconds() + " s",
                    e);
        } catch (IOException e) {
            throw failure(BackendFailure.Stage.BEFORE_ANSWER, e);
        }
    }

    /** The next part of the content, valid until the next call; null at its end. */
    @Nullable
    ByteBuffer readContent() throws BackendFailure {
        try {
            answer.content = null;
            while (true) {
                ByteBuffer content = answer.content;
                if (content != null && content.hasRemaining()) {
                    return content;
                }
                if (answer.complete) {
                    return null;
                }
                step();
            }
        } catch (SocketTimeoutException e) {
            throw new BackendFailure(BackendFailure.Stage.WITHIN_ANSWER, text(address) + " fell silent", e);
        } catch (IOException e) {
            throw failure(BackendFailure.Stage.WITHIN_ANSWER, e);
        }
    }

    /** Parses up to the next thing worth knowing, reading more when what is there does not suffice. */
    private void step() throws IOException {
        while (!parser.parseNext(buffer)) {
            check();
            if (parser.isAtEOF()) {
                throw new IOException("connection closed");
            }
            int count = in.read(buffer.array(), 0, buffer.capacity());
            buffer.position(0).limit(Math.max(0, count));
            if (count < 0) {
                parser.atEOF();
            }
        }
        check();
    }

    private void check() throws IOException {
        if (answer.problem != null) {
            throw new IOException(answer.problem);
        }
    }

    /** Whether the exchange is over and the connection fit for another. */
    boolean reusable() {
        return answer.complete
                && answer.persistent
                && !buffer.hasRemaining()
                && !parser.isAtEOF()
                && !socket.isClosed();
    }

    /** Marks the exchange as over. */
    void finished() {
        used = true;
    }

    /** Bytes that came after the head of a 101: they belong to the new protocol. */
    ByteBuffer surplus() {
        return buffer;
    }

    Socket socket() {
        return socket;
    }

    private BackendFailure failure(BackendFailure.Stage stage, IOException cause) {
        return new BackendFailure(stage, text(address) + ": " + cause.getMessage(), cause);
    }

    static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    @Override
    public void close() {
        closeQuietly(socket);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException ignored) {
            // It was to be given up anyway.
        }
    }

    /** Collects what the parser finds. */
    private static final class Answer implements HttpParser.ResponseHandler {
        private HttpFields.Mutable fields = HttpFields.build();
        private int status;
        private boolean headComplete;
        private boolean complete;
        private boolean persistent;
        private @Nullable ByteBuffer content;
        private @Nullable String problem;

        void reset() {
            fields = HttpFields.build();
            status = 0;
            headComplete = false;
            complete = false;
            persistent = false;
            content = null;
            problem = null;
        }

        @Override
        public void startResponse(HttpVersion version, int newStatus, String reason) {
            status = newStatus;
            persistent = version == HttpVersion.HTTP_1_1;
        }

        @Override
        public void parsedHeader(HttpField field) {
            if (field.getHeader() == HttpHeader.CONNECTION) {
                persistent &= !field.contains("close");
                persistent |= field.contains("keep-alive");
            }
            fields.add(field);
        }

        @Override
        public boolean headerComplete() {
            headComplete = true;
            // A content that ends with the connection leaves nothing to reuse.
            persistent &= fields.contains(HttpHeader.CONTENT_LENGTH)
                    || fields.contains(HttpHeader.TRANSFER_ENCODING)
                    || status == 204
                    || status == 304;
            return true;
        }

        @Override
        public boolean content(ByteBuffer item) {
            content = item;
            return true;
        }

        @Override
        public boolean contentComplete() {
            return false;
        }

        @Override
        public boolean messageComplete() {
            complete = true;
            return true;
        }

        @Override
        public void earlyEOF() {
            problem = "connection closed within the answer";
        }

        @Override
        public void badMessage(HttpException failure) {
            problem = "not a valid HTTP answer: " + failure.getReason();
        }
    }
}
