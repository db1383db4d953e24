package dev.sampan.serving.security;

import com.google.protobuf.TextFormat;
import dev.sampan.serving.proto.SSLConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The server's key and certificate, and the authority of its clients. Read once.
 *
 * @param clientVerify whether clients must have a certificate of that authority
 */
public record Tls(List<KeyManager> keys, List<TrustManager> trust, boolean clientVerify) {
    private static final char[] NO_PASSWORD = {};

    public Tls {
        keys = List.copyOf(keys);
        trust = List.copyOf(trust);
    }

    /**
     * Reads the file of {@code --ssl_config_file}: TensorFlow Serving's {@code SSLConfig} in protobuf's text form.
     *
     * @throws IllegalArgumentException if it is missing or not what it should be; the message says what is wrong
     */
    public static Tls read(Path file) {
        var config = SSLConfig.newBuilder();
        try {
            TextFormat.merge(Files.readString(file), config);
            return of(config.build());
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("--ssl_config_file " + file + ": " + e.getMessage(), e);
        }
    }

    private static Tls of(SSLConfig config) throws GeneralSecurityException, IOException {
        if (config.getServerKey().isEmpty() || config.getServerCert().isEmpty()) {
            throw new IllegalArgumentException("server_key and server_cert are needed");
        }
        if (config.getClientVerify() && config.getCustomCa().isEmpty()) {
            throw new IllegalArgumentException("client_verify needs custom_ca");
        }
        var chain = Pem.certificates(config.getServerCert()).toArray(Certificate[]::new);
        var own = emptyStore();
        own.setKeyEntry("server", Pem.privateKey(config.getServerKey()), NO_PASSWORD, chain);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, NO_PASSWORD);
        return new Tls(List.of(keys.getKeyManagers()), trust(config.getCustomCa()), config.getClientVerify());
    }

    private static List<TrustManager> trust(String authorities) throws GeneralSecurityException, IOException {
        if (authorities.isEmpty()) {
            return List.of();
        }
        var store = emptyStore();
        int number = 0;
        for (var certificate : Pem.certificates(authorities)) {
            store.setCertificateEntry("ca-" + number++, certificate);
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return List.of(trust.getTrustManagers());
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    /** For Jetty. */
    public SSLContext context() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(
                    keys.toArray(KeyManager[]::new), trust.isEmpty() ? null : trust.toArray(TrustManager[]::new), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS cannot be set up", e);
        }
    }
}
