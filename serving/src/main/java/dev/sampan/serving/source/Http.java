package dev.sampan.serving.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What all sources do over HTTP. Thread-safe. */
final class Http implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    static HttpRequest.Builder get(URI uri) {
        return HttpRequest.newBuilder(uri).timeout(TIMEOUT);
    }

    /** An answer of any status; its body is to be closed. */
    HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (ConnectException e) {
            throw new IOException("nothing answers at " + request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stopped while waiting for " + request.uri());
        }
    }

    /** The body of a good answer. */
    InputStream body(HttpRequest request) throws IOException {
        return good(send(request)).body();
    }

    /** @throws IOException if the answer is not 200; it has the beginning of what the server says */
    static HttpResponse<InputStream> good(HttpResponse<InputStream> response) throws IOException {
        if (response.statusCode() == 200) {
            return response;
        }
        try (var body = response.body()) {
            var words = new String(body.readNBytes(300), java.nio.charset.StandardCharsets.UTF_8).strip();
            throw new IOException(response.request().uri() + " answered " + response.statusCode()
                    + (words.isEmpty() ? "" : ": " + words));
        }
    }

    /** Reads a body as JSON and closes it. @param uri where it came from, for the message */
    static JsonNode json(InputStream body, URI uri) throws IOException {
        try (body) {
            return JsonMapper.shared().readTree(body.readAllBytes());
        } catch (JacksonException e) {
            throw new IOException(uri + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Writes a stream into a file.
     *
     * @param sha256 in hexadecimal digits that the content must have; null if anything goes
     * @param size that it must have; negative if any goes
     */
    static void save(InputStream in, Path file, @Nullable String sha256, long size) throws IOException {
        Files.createDirectories(file.getParent());
        var digest = sha256();
        try (in;
                var out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
            long written = in.transferTo(out);
            if (size >= 0 && written != size) {
                throw new IOException(file.getFileName() + " broke off after " + written + " of " + size + " bytes");
            }
        }
        var actual = HexFormat.of().formatHex(digest.digest());
        if (sha256 != null && !actual.equalsIgnoreCase(sha256)) {
            throw new IOException(
                    file.getFileName() + " has the SHA-256 " + actual + ", not " + sha256 + " as expected");
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
