package dev.sampan.network.gateway;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the certificate for the host name that the client asked for. It asks anew for every handshake, so a changed
 * Secret counts from the next connection on.
 */
final class SniKeys extends X509ExtendedKeyManager {

    private final Function<String, @Nullable Certificate> certificates;

    /** @param certificates by host name; the empty name is the default */
    SniKeys(Function<String, @Nullable Certificate> certificates) {
        this.certificates = certificates;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        String host = "";
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName hostName) {
                    host = hostName.getAsciiName();
                }
            }
        }
        Certificate certificate = certificates.apply(host);
        return certificate != null && certificate.key().getAlgorithm().equals(keyType) ? host + "|" + keyType : null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        Certificate certificate = byAlias(alias);
        return certificate == null ? null : certificate.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        Certificate certificate = byAlias(alias);
        return certificate == null ? null : certificate.key();
    }

    private @Nullable Certificate byAlias(String alias) {
        return certificates.apply(List.of(alias.split("\\|", 2)).getFirst());
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyType, Principal @Nullable [] issuers, Socket socket) {
        return null;
    }
}
