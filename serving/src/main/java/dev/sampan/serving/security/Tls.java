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
import javax.net.ssl.X509ExtendedKeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's key and certificate, which {@link #reload} exchanges, and the authority of its clients, which stays.
 */
public final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final char[] NO_PASSWORD = {};

    private final Path file;
    private final ReloadingKeys keys;
    private final List<TrustManager> trust;
    private final boolean clientVerify;
    /** Used by one thread. */
    private String content;

    private Tls(Path file, String content, SSLConfig config) throws GeneralSecurityException, IOException {
        if (config.getClientVerify() && config.getCustomCa().isEmpty()) {
            throw new IllegalArgumentException("client_verify needs custom_ca");
        }
        this.file = file;
        this.content = content;
        this.keys = new ReloadingKeys(keys(config));
        this.trust = trust(config.getCustomCa());
        this.clientVerify = config.getClientVerify();
    }

    /**
     * Reads the file of {@code --ssl_config_file}: TensorFlow Serving's {@code SSLConfig} in protobuf's text form.
     *
     * @throws IllegalArgumentException if it is missing or not what it should be; the message says what is wrong
     */
    public static Tls read(Path file) {
        try {
            var content = Files.readString(file);
            return new Tls(file, content, parse(content));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("--ssl_config_file " + file + ": " + e.getMessage(), e);
        }
    }

    private static SSLConfig parse(String content) throws IOException {
        var config = SSLConfig.newBuilder();
        TextFormat.merge(content, config);
        return config.build();
    }

    /**
     * Takes key and certificate anew if the file has changed: connections that are made from now on see them. What cannot be used
     * is logged, and the old ones stay. To be called by one thread at a time.
     */
    public void reload() {
        try {
            var now = Files.readString(file);
            if (now.equals(content)) {
                return;
            }
            content = now;
            keys.exchange(keys(parse(now)));
            LOG.info("key and certificate were read again from {}", file);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            LOG.warn("key and certificate are left as they were: {}: {}", file, e.toString());
        }
    }

    public List<KeyManager> keys() {
        return List.of(keys);
    }

    public List<TrustManager> trust() {
        return trust;
    }

    /** Whether clients must have a certificate of the authority. */
    public boolean clientVerify() {
        return clientVerify;
    }

    private static X509ExtendedKeyManager keys(SSLConfig config) throws GeneralSecurityException, IOException {
        if (config.getServerKey().isEmpty() || config.getServerCert().isEmpty()) {
            throw new IllegalArgumentException("server_key and server_cert are needed");
        }
        var chain = Pem.certificates(config.getServerCert()).toArray(Certificate[]::new);
        var own = emptyStore();
        own.setKeyEntry("server", Pem.privateKey(config.getServerKey()), NO_PASSWORD, chain);
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, NO_PASSWORD);
        for (var manager : factory.getKeyManagers()) {
            if (manager instanceof X509ExtendedKeyManager keys) {
                return keys;
            }
        }
        throw new GeneralSecurityException("this Java has no key manager for X.509");
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
            context.init(new KeyManager[] {keys}, trust.isEmpty() ? null : trust.toArray(TrustManager[]::new), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS cannot be set up", e);
        }
    }
}
