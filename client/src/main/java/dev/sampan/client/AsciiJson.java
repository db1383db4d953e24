package dev.sampan.client;

import java.nio.charset.StandardCharsets;

/**
 * JSON in ASCII alone, everything else escaped. fabric8's watch (8.0.0, {@code WatchHTTPManager}) decodes each chunk with
 * {@code Charset.decode(chunk).array()}: where a character takes several bytes that array ends with zeros, which it puts in
 * front of the next event and then cannot read it.
 */
final class AsciiJson {

    private static final char FIRST_BEYOND = 0x80;

    private AsciiJson() {}

    /** A copy of the document; in JSON, characters beyond ASCII are only found in strings, where they may be escaped. */
    static byte[] of(byte[] utf8) {
        if (isAscii(utf8)) {
            return utf8.clone();
        }
        var escaped = new StringBuilder(utf8.length + 64);
        var text = new String(utf8, StandardCharsets.UTF_8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < FIRST_BEYOND) {
                escaped.append(c);
            } else {
                escaped.append(String.format("\\u%04x", (int) c));
            }
        }
        return escaped.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }
}
