package dev.sampan.serving.security;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A server's key that can be exchanged while it is used: a handshake that has begun ends with the key that it began with.
 * Aliases have the generation in front. Thread-safe.
 */
final class ReloadingKeys extends X509ExtendedKeyManager {
    private volatile Generations generations;

    /** @param previous what handshakes that have begun still use */
    private record Generations(long number, X509ExtendedKeyManager current, X509ExtendedKeyManager previous) {}

    ReloadingKeys(X509ExtendedKeyManager first) {
        this.generations = new Generations(0, first, first);
    }

    /** From now on handshakes begin with another key. To be called by one thread at a time. */
    void exchange(X509ExtendedKeyManager keys) {
        var old = generations;
        generations = new Generations(old.number + 1, keys, old.current);
    }

    private static @Nullable String named(Generations now, @Nullable String alias) {
        return alias == null ? null : now.number + "/" + alias;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        var now = generations;
        return named(now, now.current.chooseEngineServerAlias(keyType, issuers, engine));
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        var now = generations;
        return named(now, now.current.chooseServerAlias(keyType, issuers, socket));
    }

    @Override
    public @Nullable String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        var now = generations;
        return named(now, now.current.chooseEngineClientAlias(keyTypes, issuers, engine));
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        var now = generations;
        return named(now, now.current.chooseClientAlias(keyTypes, issuers, socket));
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal[] issuers) {
        var now = generations;
        return named(now, now.current.getServerAliases(keyType, issuers));
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal[] issuers) {
        var now = generations;
        return named(now, now.current.getClientAliases(keyType, issuers));
    }

    private static String @Nullable [] named(Generations now, String @Nullable [] aliases) {
        if (aliases == null) {
            return null;
        }
        var named = new String[aliases.length];
        for (int i = 0; i < aliases.length; i++) {
            named[i] = now.number + "/" + aliases[i];
        }
        return named;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return generation(alias).getCertificateChain(own(alias));
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return generation(alias).getPrivateKey(own(alias));
    }

    private X509ExtendedKeyManager generation(String alias) {
        var now = generations;
        return alias.startsWith(now.number + "/") ? now.current : now.previous;
    }

    private static String own(String alias) {
        return alias.substring(alias.indexOf('/') + 1);
    }
}
