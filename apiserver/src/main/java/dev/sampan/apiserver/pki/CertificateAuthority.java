package dev.sampan.apiserver.pki;

import dev.sampan.apiserver.pki.Subject.Usage;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509ExtensionUtils;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Signs certificates, EC P-256 throughout. Validity starts five minutes early, as kubeadm's does, for peers whose clock
 * runs behind.
 */
public record CertificateAuthority(X509Certificate certificate, PrivateKey key) {

    private static final Duration EARLY = Duration.ofMinutes(5);

    /** A new self-signed authority. */
    public static CertificateAuthority create(String commonName, Instant now, Duration validity)
            throws GeneralSecurityException {
        var pair = newKeyPair();
        var name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, commonName)
                .build();
        var builder = builder(name, name, pair.getPublic(), now, validity);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyCertSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    extensionUtils().createSubjectKeyIdentifier(spki(pair.getPublic())));
        } catch (IOException e) {
            throw new GeneralSecurityException("cannot encode the extensions of " + commonName, e);
        }
        return new CertificateAuthority(sign(builder, pair.getPrivate()), pair.getPrivate());
    }

    /** A new EC key with a certificate for it. */
    public Credential issue(Subject subject, Instant now, Duration validity) throws GeneralSecurityException {
        return issue(subject, newKeyPair(), now, validity);
    }

    /** A certificate for a key pair. */
    Credential issue(Subject subject, KeyPair pair, Instant now, Duration validity) throws GeneralSecurityException {
        return new Credential(certify(subject, pair.getPublic(), now, validity), pair.getPrivate(), certificate);
    }

    /** A certificate for a key that somebody else holds. */
    public X509Certificate certify(Subject subject, PublicKey holder, Instant now, Duration validity)
            throws GeneralSecurityException {
        var issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        var builder = builder(issuer, nameOf(subject), holder, now, validity);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
            builder.addExtension(Extension.extendedKeyUsage, false, purposes(subject.usages()));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensionUtils().createAuthorityKeyIdentifier(spki(certificate.getPublicKey())));
            if (!subject.hosts().isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, names(subject.hosts()));
            }
        } catch (IOException e) {
            throw new GeneralSecurityException("cannot encode the extensions of " + subject.commonName(), e);
        }
        return sign(builder, key);
    }

    /** A new RSA key pair of 2048 bits. */
    static KeyPair newRsaKeyPair() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    /** A new EC P-256 key pair. */
    static KeyPair newKeyPair() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey holder, Instant now, Duration validity) {
        var serial = new BigInteger(63, new SecureRandom()).add(BigInteger.ONE);
        var from = Date.from(now.minus(EARLY));
        var to = Date.from(now.plus(validity));
        return new X509v3CertificateBuilder(issuer, serial, from, to, subject, spki(holder));
    }

    /** One RDN per organization, as Go writes and reads several groups. */
    private static X500Name nameOf(Subject subject) {
        var name = new X500NameBuilder(BCStyle.INSTANCE);
        for (var organization : subject.organizations()) {
            name.addRDN(BCStyle.O, organization);
        }
        return name.addRDN(BCStyle.CN, subject.commonName()).build();
    }

    private static ExtendedKeyUsage purposes(Collection<Usage> usages) {
        return new ExtendedKeyUsage(usages.stream()
                .map(u -> switch (u) {
                    case CLIENT -> KeyPurposeId.id_kp_clientAuth;
                    case SERVER -> KeyPurposeId.id_kp_serverAuth;
                })
                .toArray(KeyPurposeId[]::new));
    }

    private static GeneralNames names(Collection<String> hosts) {
        return new GeneralNames(hosts.stream()
                .map(h -> new GeneralName(isAddress(h) ? GeneralName.iPAddress : GeneralName.dNSName, h))
                .toArray(GeneralName[]::new));
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9]+(\\.[0-9]+){3}");
    }

    private static SubjectPublicKeyInfo spki(PublicKey key) {
        return SubjectPublicKeyInfo.getInstance(key.getEncoded());
    }

    private static X509ExtensionUtils extensionUtils() {
        return new BcX509ExtensionUtils();
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException {
        try {
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key);
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("cannot sign a certificate", e);
        }
    }
}
