package dev.sampan.models.data;

import java.awt.image.BufferedImage;
import java.io.IOException;

/** Reads the portable grey and pixel maps (PGM and PPM, plain and raw) that Java's own image reader does not know. */
final class Netpbm {

    private static final int MOST_PIXELS = 1 << 26;

    private final byte[] content;
    private int at = 2;

    private Netpbm(byte[] content) {
        this.content = content;
    }

    /** Whether the content begins as such a file does: P2, P3, P5 or P6. */
    static boolean is(byte[] content) {
        return content.length > 2
                && content[0] == 'P'
                && "2356".indexOf(content[1]) >= 0
                && Character.isWhitespace(content[2]);
    }

    static BufferedImage read(byte[] content) throws IOException {
        return new Netpbm(content).read();
    }

    private BufferedImage read() throws IOException {
        boolean colour = content[1] == '3' || content[1] == '6';
        boolean plain = content[1] == '2' || content[1] == '3';
        int width = number();
        int height = number();
        int maximum = number();
        if (width < 1 || height < 1 || (long) width * height > MOST_PIXELS || maximum < 1 || maximum > 65535) {
            throw new IOException("its header is not valid: " + width + "x" + height + ", maximum " + maximum);
        }
        at++; // exactly one white-space character ends the header
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int red = sample(plain, maximum);
                int green = colour ? sample(plain, maximum) : red;
                int blue = colour ? sample(plain, maximum) : red;
                image.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return image;
    }

    /** A sample brought to 0 to 255. */
    private int sample(boolean plain, int maximum) throws IOException {
        int value;
        if (plain) {
            value = number();
        } else {
            value = next();
            if (maximum > 255) {
                value = value << 8 | next();
            }
        }
        return Math.round(255f * Math.min(value, maximum) / maximum);
    }

    private int next() throws IOException {
        if (at >= content.length) {
            throw new IOException("it ends too early");
        }
        return content[at++] & 0xff;
    }

    private int number() throws IOException {
        while (at < content.length && (Character.isWhitespace(content[at]) || content[at] == '#')) {
            if (content[at] == '#') {
                while (at < content.length && content[at] != '\n') {
                    at++;
                }
            } else {
                at++;
            }
        }
        int begin = at;
        long value = 0;
        while (at < content.length && content[at] >= '0' && content[at] <= '9' && value < Integer.MAX_VALUE) {
            value = 10 * value + content[at++] - '0';
        }
        if (at == begin) {
            throw new IOException("a number is missing at byte " + at);
        }
        return (int) Math.min(value, Integer.MAX_VALUE);
    }
}
