package dev.sampan.network.gateway;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;

/** Wraps the older encodings of private keys, which openssl still writes, in PKCS #8, the one that Java reads. */
final class Der {

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int PARAMETERS = 0xa0;
    private static final byte[] VERSION = {2, 1, 0};
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private Der() {}

    static byte[] pkcs8FromPkcs1(byte[] key) {
        return element(SEQUENCE, VERSION, RSA, element(OCTET_STRING, key));
    }

    /** The curve's name stands inside a SEC 1 key and outside in PKCS #8. */
    static byte[] pkcs8FromSec1(byte[] key) throws GeneralSecurityException {
        byte[] curve = parameters(key);
        return element(SEQUENCE, VERSION, element(SEQUENCE, EC, curve), element(OCTET_STRING, key));
    }

    private static byte[] parameters(byte[] key) throws GeneralSecurityException {
        int position = header(key, 0);
        while (position < key.length) {
            int content = position + header(key, position);
            int length = length(key, position);
            if ((key[position] & 0xff) == PARAMETERS) {
                return Arrays.copyOfRange(key, content, content + length);
            }
            position = position == 0 ? content : content + length;
        }
        throw new GeneralSecurityException("tls.key does not name its curve");
    }

    /** Bytes before the content of the element that begins there. */
    private static int header(byte[] der, int position) {
        int first = der[position + 1] & 0xff;
        return first < 0x80 ? 2 : 2 + (first & 0x7f);
    }

    private static int length(byte[] der, int position) {
        int first = der[position + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | der[position + 2 + i] & 0xff;
        }
        return length;
    }

    private static byte[] element(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        var result = new ByteArrayOutputStream();
        result.write(tag);
        int length = content.size();
        if (length < 0x80) {
            result.write(length);
        } else {
            result.write(0x82);
            result.write(length >> 8);
            result.write(length);
        }
        result.writeBytes(content.toByteArray());
        return result.toByteArray();
    }
}
