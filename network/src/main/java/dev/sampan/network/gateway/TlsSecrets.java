package dev.sampan.network.gateway;

import io.fabric8.kubernetes.api.model.Secret;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads Secrets of type kubernetes.io/tls. */
public final class TlsSecrets {

    /** The type of Secrets that hold a certificate. */
    public static final String TYPE = "kubernetes.io/tls";

    private static final Pattern PEM = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

    private TlsSecrets() {}

    /** @throws GeneralSecurityException saying what is wrong with it */
    public static Certificate read(Secret secret) throws GeneralSecurityException {
        return new Certificate(key(text(secret, "tls.key")), chain(text(secret, "tls.crt")));
    }

    private static String text(Secret secret, String name) throws GeneralSecurityException {
        Map<String, String> data = secret.getData();
        String encoded = data == null ? null : data.get(name);
        if (encoded == null || encoded.isEmpty()) {
            throw new GeneralSecurityException("it has no " + name);
        }
        return new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.UTF_8);
    }

    private static List<X509Certificate> chain(String pem) throws GeneralSecurityException {
        List<X509Certificate> chain = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (var certificate :
                factory.generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
            chain.add((X509Certificate) certificate);
        }
        if (chain.isEmpty()) {
            throw new GeneralSecurityException("tls.crt holds no certificate");
        }
        return List.copyOf(chain);
    }

    private static PrivateKey key(String pem) throws GeneralSecurityException {
        PrivateKey key = null;
        Matcher matcher = PEM.matcher(pem);
        while (key == null && matcher.find()) {
            byte[] der = Base64.getMimeDecoder().decode(matcher.group(2).trim());
            key = key(matcher.group(1), der);
        }
        if (key == null) {
            throw new GeneralSecurityException("tls.key holds no private key in PEM form");
        }
        return key;
    }

    private static @Nullable PrivateKey key(String kind, byte[] der) throws GeneralSecurityException {
        return switch (kind) {
            case "PRIVATE KEY" -> pkcs8(der);
            case "RSA PRIVATE KEY" -> pkcs8(Der.pkcs8FromPkcs1(der));
            case "EC PRIVATE KEY" -> pkcs8(Der.pkcs8FromSec1(der));
            default -> null;
        };
    }

    private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
        GeneralSecurityException last = new GeneralSecurityException("tls.key is of an unknown kind");
        for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                last = new GeneralSecurityException("tls.key is neither an EC nor an RSA nor an Ed25519 key", e);
            }
        }
        throw last;
    }
}
