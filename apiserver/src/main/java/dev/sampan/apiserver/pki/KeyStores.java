package dev.sampan.apiserver.pki;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** In-memory key stores and the TLS contexts made of them. */
public final class KeyStores {

    private KeyStores() {}

    /** A trust store of the given certificate authorities. */
    public static KeyStore trusting(Collection<X509Certificate> authorities) throws GeneralSecurityException {
        var store = empty();
        int i = 0;
        for (var authority : authorities) {
            store.setCertificateEntry("ca-" + i++, authority);
        }
        return store;
    }

    /** TLS for a client or server that shows {@code self} and accepts peers vouched for by {@code authorities}. */
    public static SSLContext tls(Credential self, Collection<X509Certificate> authorities)
            throws GeneralSecurityException {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(self.keyStore(), new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trustManagers(authorities), new SecureRandom());
        return context;
    }

    /** TLS for a client that accepts whatever certificate a server shows, for servers whose owner is not known. */
    public static SSLContext trustingAnyServer() throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AnyServer()}, new SecureRandom());
        return context;
    }

    private static final class AnyServer extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this is not a server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /**
     * For calls to a server whose certificate has to be signed by one of a bundle of authorities.
     *
     * @param pem the authorities' certificates; empty for those that Java trusts
     */
    public static SSLSocketFactory trustingOnly(byte[] pem) throws GeneralSecurityException {
        if (pem.length == 0) {
            return SSLContext.getDefault().getSocketFactory();
        }
        var authorities = Pem.certificates(new String(pem, StandardCharsets.UTF_8));
        if (authorities.isEmpty()) {
            throw new GeneralSecurityException("the bundle holds no certificate");
        }
        var context = SSLContext.getInstance("TLS");
        context.init(null, trustManagers(authorities), null);
        return context.getSocketFactory();
    }

    /**
     * For calls with a client certificate.
     *
     * @param pem the authorities that the server's certificate has to be signed by; empty for those that Java trusts
     * @param verified whether the server's certificate is looked at
     */
    public static SSLSocketFactory client(Credential self, byte[] pem, boolean verified)
            throws GeneralSecurityException {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(self.keyStore(), new char[0]);
        TrustManager[] trust = null;
        if (!verified) {
            trust = new TrustManager[] {new AnyServer()};
        } else if (pem.length > 0) {
            trust = trustManagers(Pem.certificates(new String(pem, StandardCharsets.UTF_8)));
        }
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust, null);
        return context.getSocketFactory();
    }

    static TrustManager[] trustManagers(Collection<X509Certificate> authorities) throws GeneralSecurityException {
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusting(authorities));
        return trust.getTrustManagers();
    }

    static KeyStore empty() throws GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException("cannot make an empty key store", e);
        }
        return store;
    }
}
