package dev.sampan.apiserver.proxy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Status line and headers of an HTTP/1.1 response; names in lower case. */
record ResponseHead(int status, Map<String, List<String>> headers) {

    private static final int MAX_BYTES = 64 * 1024;

    /** Reads up to the empty line and not a byte more: what follows may belong to another protocol. */
    static ResponseHead read(InputStream in) throws IOException {
        var bytes = new ByteArrayOutputStream();
        int newlines = 0;
        while (newlines < 2) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the server closed the connection before it answered");
            }
            if (bytes.size() > MAX_BYTES) {
                throw new IOException("the server's response headers are too large");
            }
            bytes.write(b);
            newlines = b == '\n' ? newlines + 1 : b == '\r' ? newlines : 0;
        }
        return parse(bytes.toString(StandardCharsets.ISO_8859_1));
    }

    private static ResponseHead parse(String text) throws IOException {
        var lines = text.split("\r?\n");
        var words = lines[0].split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}")) {
            throw new IOException("the server's response is not HTTP/1.1: " + lines[0]);
        }
        var headers = new LinkedHashMap<String, List<String>>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.computeIfAbsent(
                                lines[i].substring(0, colon).strip().toLowerCase(Locale.ROOT), n -> new ArrayList<>(1))
                        .add(lines[i].substring(colon + 1).strip());
            }
        }
        return new ResponseHead(Integer.parseInt(words[1]), headers);
    }

    /** The body that follows on a connection: chunked, of a known length, or up to its end. */
    InputStream content(InputStream in) {
        if (status == 204 || status == 304) {
            return InputStream.nullInputStream();
        }
        var encoding = headers.getOrDefault("transfer-encoding", List.of());
        if (!encoding.isEmpty() && encoding.getLast().toLowerCase(Locale.ROOT).endsWith("chunked")) {
            return new Chunked(in);
        }
        var length = headers.get("content-length");
        return length == null ? in : new Limited(in, Long.parseLong(length.getFirst()));
    }

    /** A body of a known length. */
    private static final class Limited extends FilterInputStream {
        private long left;

        Limited(InputStream in, long length) {
            super(in);
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int n = in.read(target, offset, (int) Math.min(length, left));
            if (n < 0) {
                throw new EOFException("the server closed the connection in the middle of its answer");
            }
            left -= n;
            return n;
        }
    }

    /** A chunked body. */
    private static final class Chunked extends FilterInputStream {
        private long left;
        private boolean ended;

        Chunked(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0 && !ended) {
                nextChunk();
            }
            if (ended) {
                return -1;
            }
            int n = in.read(target, offset, (int) Math.min(length, left));
            if (n < 0) {
                throw new EOFException("the server closed the connection in the middle of its answer");
            }
            left -= n;
            if (left == 0) {
                line();
            }
            return n;
        }

        private void nextChunk() throws IOException {
            var size = line();
            int semicolon = size.indexOf(';');
            try {
                left = Long.parseLong((semicolon < 0 ? size : size.substring(0, semicolon)).strip(), 16);
            } catch (NumberFormatException e) {
                throw new IOException("the server's chunk has no size: " + size, e);
            }
            if (left == 0) {
                ended = true;
                while (!line().isEmpty()) {
                    // Trailers are not passed on.
                    continue;
                }
            }
        }

        private String line() throws IOException {
            var text = new StringBuilder();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0 || text.length() > MAX_BYTES) {
                    throw new EOFException("the server closed the connection in the middle of its answer");
                }
                if (b != '\r') {
                    text.append((char) b);
                }
            }
            return text.toString();
        }
    }
}
