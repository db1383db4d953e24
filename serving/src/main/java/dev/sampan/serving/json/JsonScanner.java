package dev.sampan.serving.json;

import dev.sampan.serving.error.ServingException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads JSON from bytes, value by value, without building anything. Beyond the standard it takes NaN, Infinity and
 * -Infinity. Errors name the offset, in the words that TensorFlow Serving's parser uses.
 */
public final class JsonScanner {
    private static final int MAX_DEPTH = 512;
    private static final long MAX_EXACT = 1L << 53;
    private static final long MANTISSA_LIMIT = Long.MAX_VALUE / 10 - 1;
    private static final double[] POWERS = new double[23];

    static {
        for (int i = 0; i < POWERS.length; i++) {
            POWERS[i] = Double.parseDouble("1e" + i);
        }
    }

    private final byte[] json;
    private final int end;
    private int at;

    /** Whether the number read last was written without fraction and exponent. */
    private boolean integer;
    /** Value of that number, if it is an integer that fits. */
    private long integerValue;

    private boolean integerFits;

    public JsonScanner(byte[] json, int length) {
        this.json = json;
        this.end = length;
    }

    public int position() {
        return at;
    }

    public void position(int newPosition) {
        at = newPosition;
    }

    /** Bytes that are left. */
    public int remaining() {
        return end - at;
    }

    /** The first byte of the next token; 0 at the end. */
    public byte peek() {
        while (at < end) {
            byte c = json[at];
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return c;
            }
            at++;
        }
        return 0;
    }

    /** Skips the byte that {@link #peek} saw. */
    public void next() {
        at++;
    }

    public ServingException error(String what) {
        return ServingException.invalid("JSON Parse error: " + what + " at offset: " + at);
    }

    /** Enters an object or array; false if it is empty, which then is passed. */
    public boolean enter(char close) {
        at++;
        if (peek() == close) {
            at++;
            return false;
        }
        return true;
    }

    /** After an element: true if another one follows, false if the array or object has ended. */
    public boolean more(char close) {
        byte c = peek();
        if (c == ',') {
            at++;
            return true;
        }
        if (c == close) {
            at++;
            return false;
        }
        throw error(
                close == ']'
                        ? "Missing a comma or ] after an array element."
                        : "Missing a comma or } after an object member.");
    }

    /** The name of an object's member, with the colon after it. */
    public String name() {
        if (peek() != '"') {
            throw error("Missing a name for object member.");
        }
        var name = string();
        if (peek() != ':') {
            throw error("Missing a colon after a name of object member.");
        }
        at++;
        return name;
    }

    public String string() {
        return new String(stringBytes(), StandardCharsets.UTF_8);
    }

    /** A string as UTF-8. */
    public byte[] stringBytes() {
        int start = ++at;
        while (at < end && json[at] != '"' && json[at] != '\\') {
            at++;
        }
        if (at < end && json[at] == '"') {
            var plain = Arrays.copyOfRange(json, start, at);
            at++;
            return plain;
        }
        return escapedString(start);
    }

    private byte[] escapedString(int start) {
        var text = new ByteArrayOutputStream(Math.max(32, at - start));
        text.write(json, start, at - start);
        while (at < end) {
            byte c = json[at++];
            if (c == '"') {
                return text.toByteArray();
            }
            if (c == '\\') {
                escape(text);
            } else {
                text.write(c);
            }
        }
        throw error("Missing a closing quotation mark in string.");
    }

    private void escape(ByteArrayOutputStream text) {
        byte c = at < end ? json[at++] : 0;
        switch (c) {
            case '"', '\\', '/' -> text.write(c);
            case 'b' -> text.write('\b');
            case 'f' -> text.write('\f');
            case 'n' -> text.write('\n');
            case 'r' -> text.write('\r');
            case 't' -> text.write('\t');
            case 'u' -> {
                int code = hex();
                if (Character.isHighSurrogate((char) code) && at + 1 < end && json[at] == '\\' && json[at + 1] == 'u') {
                    at += 2;
                    code = Character.toCodePoint((char) code, (char) hex());
                }
                text.writeBytes(Character.toString(code).getBytes(StandardCharsets.UTF_8));
            }
            default -> throw error("Invalid escape character in string.");
        }
    }

    private int hex() {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < end ? Character.digit(json[at++], 16) : -1;
            if (digit < 0) {
                throw error("Incorrect hex digit after \\u escape in string.");
            }
            code = code << 4 | digit;
        }
        return code;
    }

    /** Whether the next token is a number. */
    public boolean atNumber() {
        byte c = peek();
        return c >= '0' && c <= '9' || c == '-' || c == 'N' || c == 'I';
    }

    /** Reads a number. */
    public double number() {
        peek();
        int start = at;
        boolean negative = at < end && json[at] == '-';
        if (negative) {
            at++;
        }
        int digits = at;
        long mantissa = 0;
        int dropped = 0;
        int scale = 0;
        byte c = 0;
        while (at < end && (c = json[at]) >= '0' && c <= '9') {
            if (mantissa < MANTISSA_LIMIT) {
                mantissa = mantissa * 10 + (c - '0');
            } else {
                dropped++;
            }
            at++;
        }
        if (at == digits) {
            return word(negative);
        }
        integer = true;
        integerFits = dropped == 0;
        integerValue = negative ? -mantissa : mantissa;
        if (at < end && c == '.') {
            integer = false;
            int fraction = ++at;
            while (at < end && (c = json[at]) >= '0' && c <= '9') {
                if (mantissa < MANTISSA_LIMIT) {
                    mantissa = mantissa * 10 + (c - '0');
                    scale--;
                } else {
                    dropped++;
                }
                at++;
            }
            if (at == fraction) {
                throw error("Miss fraction part in number.");
            }
        }
        if (at < end && (c == 'e' || c == 'E')) {
            integer = false;
            scale += exponent();
        }
        if (dropped == 0 && mantissa <= MAX_EXACT && scale >= -22 && scale <= 22) {
            // Both factors are exact, so that one rounding gives the nearest double (Clinger 1990).
            double value = scale < 0 ? mantissa / POWERS[-scale] : mantissa * POWERS[scale];
            return negative ? -value : value;
        }
        return Double.parseDouble(new String(json, start, at - start, StandardCharsets.ISO_8859_1));
    }

    private int exponent() {
        at++;
        boolean negative = at < end && json[at] == '-';
        if (negative || at < end && json[at] == '+') {
            at++;
        }
        int start = at;
        int exponent = 0;
        while (at < end && json[at] >= '0' && json[at] <= '9') {
            exponent = Math.min(100_000, exponent * 10 + (json[at] - '0'));
            at++;
        }
        if (at == start) {
            throw error("Miss exponent in number.");
        }
        return negative ? -exponent : exponent;
    }

    private double word(boolean negative) {
        integer = false;
        integerFits = false;
        if (accept("NaN")) {
            return Double.NaN;
        }
        if (accept("Infinity") || accept("Inf")) {
            return negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        throw error("Invalid value.");
    }

    /** Whether the number read last was written as an integer. */
    public boolean wasInteger() {
        return integer;
    }

    /** Whether the number read last was an integer that fits a long; then {@link #integerValue} is exact. */
    public boolean wasLong() {
        return integer && integerFits;
    }

    public long integerValue() {
        return integerValue;
    }

    /** Passes the word if it comes next. */
    public boolean accept(String word) {
        if (end - at < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (json[at + i] != word.charAt(i)) {
                return false;
            }
        }
        at += word.length();
        return true;
    }

    /** Passes a value of any kind. */
    public void skip() {
        skip(0);
    }

    private void skip(int depth) {
        if (depth > MAX_DEPTH) {
            throw error("Nested too deeply.");
        }
        switch (peek()) {
            case '{' -> {
                if (enter('}')) {
                    do {
                        name();
                        skip(depth + 1);
                    } while (more('}'));
                }
            }
            case '[' -> {
                if (enter(']')) {
                    do {
                        skip(depth + 1);
                    } while (more(']'));
                }
            }
            case '"' -> stringBytes();
            case 't', 'f', 'n' -> {
                if (!accept("true") && !accept("false") && !accept("null")) {
                    throw error("Invalid value.");
                }
            }
            default -> number();
        }
    }

    /** The next value as it is written, shortened, and its type, for messages. */
    public String[] describe() {
        var type = switch (peek()) {
            case '{' -> "Object";
            case '[' -> "Array";
            case '"' -> "String";
            case 't' -> "True";
            case 'f' -> "False";
            case 'n' -> "Null";
            default -> "Number";
        };
        int start = at;
        skip();
        var text = new String(json, start, Math.min(at - start, 80), StandardCharsets.UTF_8);
        return new String[] {at - start > 80 ? text + "..." : text, type};
    }
}
