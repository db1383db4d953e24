package dev.sampan.serving.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bearer tokens of a file, one a line; empty lines and those that begin with {@code #} do not count. Thread-safe. Only
 * digests are kept, and they are compared in constant time.
 */
public final class Tokens {
    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
    private static final String SCHEME = "Bearer ";

    private final Path file;
    private volatile List<byte[]> digests;

    /** @throws IllegalArgumentException if the file cannot be read or has no token */
    public Tokens(Path file) {
        this.file = file;
        try {
            this.digests = read(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("--auth_token_file " + file + " cannot be read: " + e.getMessage(), e);
        }
        if (digests.isEmpty()) {
            throw new IllegalArgumentException("--auth_token_file " + file + " has no token");
        }
    }

    private static List<byte[]> read(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(Tokens::digest)
                .toList();
    }

    /** Reads the file again; if it cannot be read, the tokens stay as they are. */
    public void reload() {
        try {
            digests = read(file);
        } catch (IOException e) {
            LOG.warn("the tokens are left as they were: {} cannot be read: {}", file, e.toString());
        }
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** @param authorization value of the header of that name, or null */
    public boolean accepts(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return false;
        }
        var given = digest(authorization.substring(SCHEME.length()).strip());
        boolean found = false;
        for (var known : digests) {
            found |= MessageDigest.isEqual(known, given);
        }
        return found;
    }
}
