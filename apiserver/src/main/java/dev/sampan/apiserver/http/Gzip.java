package dev.sampan.apiserver.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/** Compression of large answers, fast rather than tight; watches are never compressed. */
final class Gzip {

    /** Kubernetes' threshold: below it the network is cheaper than the processor. */
    private static final int MIN_BYTES = 128 * 1024;

    private Gzip() {}

    static boolean wanted(Request request, int bytes) {
        return bytes > MIN_BYTES && request.getHeaders().contains(HttpHeader.ACCEPT_ENCODING, "gzip");
    }

    static byte[] compress(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream(bytes.length / 4);
        try (var gzip = new Fast(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static final class Fast extends GZIPOutputStream {
        Fast(ByteArrayOutputStream out) throws IOException {
            super(out, 16 * 1024);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
