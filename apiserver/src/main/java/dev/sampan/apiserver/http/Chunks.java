package dev.sampan.apiserver.http;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;

/**
 * The chunked transfer coding of HTTP/1.1 (RFC 9112, section 7.1), a whole chunk each write.
 *
 * <p>Jetty's own sends the line end that closes a chunk only with the next chunk. Python's urllib3 waits for it, and so would give out each
 * event of a watch, each line of a log, only when another follows.
 */
final class Chunks extends FilterOutputStream {

    /** Tells the client of the coding; without Jetty's constant, so that Jetty leaves the coding to this class. */
    static final HttpField HEADER = new HttpField(null, "Transfer-Encoding", "chunked");

    private static final byte[] LINE_END = {'\r', '\n'};

    Chunks(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > 0) { // An empty chunk would be the end.
            out.write(chunk(bytes, offset, length));
        }
    }

    private static byte[] chunk(byte[] bytes, int offset, int length) {
        var size = (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        var chunk = new byte[size.length + length + LINE_END.length];
        System.arraycopy(size, 0, chunk, 0, size.length);
        System.arraycopy(bytes, offset, chunk, size.length, length);
        System.arraycopy(LINE_END, 0, chunk, size.length + length, LINE_END.length);
        return chunk;
    }

    /** Sends the last chunk: a client that misses it knows that the answer was cut short. */
    @Override
    public void close() throws IOException {
        out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.close();
    }
}
