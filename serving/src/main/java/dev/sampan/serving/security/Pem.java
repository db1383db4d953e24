package dev.sampan.serving.security;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/** Keys and certificates as PEM text. */
final class Pem {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private Pem() {}

    /** The certificates in a text, in its order. */
    static Collection<? extends Certificate> certificates(String pem) throws GeneralSecurityException {
        var certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("there is no certificate in the PEM text");
        }
        return certificates;
    }

    /** A key in PKCS #8. */
    static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        var match = KEY.matcher(pem);
        if (!match.find()) {
            throw new IllegalArgumentException("server_key is no PEM text with BEGIN PRIVATE KEY (PKCS #8);"
                    + " 'openssl pkcs8 -topk8 -nocrypt' makes one of other forms");
        }
        var key = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(match.group(1)));
        for (var algorithm : List.of("RSA", "EC", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(key);
            } catch (InvalidKeySpecException e) {
                continue;
            }
        }
        throw new IllegalArgumentException("server_key is neither an RSA nor an EC nor an Ed25519 key");
    }
}
