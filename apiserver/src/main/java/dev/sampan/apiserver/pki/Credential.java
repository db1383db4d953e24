package dev.sampan.apiserver.pki;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** A private key with the certificate that vouches for it, and the certificate's issuer. */
public record Credential(X509Certificate certificate, PrivateKey key, X509Certificate issuer) {

    public String certificatePem() {
        return Pem.encode(certificate);
    }

    public String keyPem() {
        return Pem.encode(key);
    }

    /** An in-memory PKCS#12 key store with this credential under the alias {@code key}; its password is empty. */
    public KeyStore keyStore() throws GeneralSecurityException {
        var store = KeyStores.empty();
        store.setKeyEntry("key", key, new char[0], new X509Certificate[] {certificate, issuer});
        return store;
    }

    /** A trust store that holds the issuer alone. */
    public KeyStore trustStore() throws GeneralSecurityException {
        return KeyStores.trusting(List.of(issuer));
    }
}
