package dev.sampan.apiserver.pki;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows a server's present certificate: the source is asked again every hour, at a handshake, so that a renewed one is used
 * without a restart.
 */
public final class RotatingKeys extends X509ExtendedKeyManager {

    private static final String ALIAS = "key";
    private static final Duration PERIOD = Duration.ofHours(1);

    private final Supplier<Credential> source;
    private final InstantSource clock;
    private Credential credential;
    private Instant asked;

    private RotatingKeys(Supplier<Credential> source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
        this.credential = source.get();
        this.asked = clock.instant();
    }

    /**
     * TLS for a server that takes client certificates of the given authorities.
     *
     * @param source the server's certificate, made anew when the last one expires soon
     */
    public static SSLContext tls(
            Supplier<Credential> source, Collection<X509Certificate> authorities, InstantSource clock)
            throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(new RotatingKeys[] {new RotatingKeys(source, clock)}, KeyStores.trustManagers(authorities), null);
        return context;
    }

    private synchronized Credential current() {
        if (!clock.instant().isBefore(asked.plus(PERIOD))) {
            credential = source.get();
            asked = clock.instant();
        }
        return credential;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return alias(type);
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(type);
    }

    private @Nullable String alias(String type) {
        return current().key().getAlgorithm().equals(type.startsWith("EC") ? "EC" : type) ? ALIAS : null;
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
        var alias = alias(type);
        return alias == null ? null : new String[] {alias};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        var now = current();
        return new X509Certificate[] {now.certificate(), now.issuer()};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return current().key();
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
