package dev.sampan.apiserver.pki;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * What a PKCS#10 request asks for; it is signed by the key that it names.
 *
 * @param hosts DNS names and IP addresses
 * @param others how many e-mail addresses and URIs it names, which no signer here certifies
 */
public record CertificateRequest(
        String commonName, List<String> organizations, List<String> hosts, int others, PublicKey key) {

    private static final String BEGIN = "-----BEGIN CERTIFICATE REQUEST-----";
    private static final String END = "-----END CERTIFICATE REQUEST-----";

    /** @throws GeneralSecurityException when the text is no request, saying why */
    public static CertificateRequest parse(String pem) throws GeneralSecurityException {
        int begin = pem.indexOf(BEGIN);
        int end = pem.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new GeneralSecurityException("PEM block type must be CERTIFICATE REQUEST");
        }
        try {
            var der = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
            return of(new JcaPKCS10CertificationRequest(der));
        } catch (IOException | IllegalArgumentException e) {
            throw new GeneralSecurityException("malformed certificate request: " + e.getMessage(), e);
        }
    }

    private static CertificateRequest of(JcaPKCS10CertificationRequest request) throws GeneralSecurityException {
        var key = request.getPublicKey();
        try {
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new GeneralSecurityException("the request is not signed by its key");
            }
        } catch (OperatorCreationException | PKCSException e) {
            throw new GeneralSecurityException("the request's signature cannot be checked: " + e.getMessage(), e);
        }
        var hosts = new ArrayList<String>();
        int others = 0;
        for (var name : names(request)) {
            switch (name.getTagNo()) {
                case GeneralName.dNSName -> hosts.add(name.getName().toString());
                case GeneralName.iPAddress -> hosts.add(address(name));
                default -> others++;
            }
        }
        var common = attributes(request, BCStyle.CN);
        return new CertificateRequest(
                common.isEmpty() ? "" : common.getLast(), attributes(request, BCStyle.O), hosts, others, key);
    }

    private static List<String> attributes(JcaPKCS10CertificationRequest request, ASN1ObjectIdentifier type) {
        var result = new ArrayList<String>();
        for (var part : request.getSubject().getRDNs(type)) {
            for (var attribute : part.getTypesAndValues()) {
                if (attribute.getType().equals(type)) {
                    result.add(IETFUtils.valueToString(attribute.getValue()).replaceAll("\\\\(.)", "$1"));
                }
            }
        }
        return result;
    }

    private static GeneralName[] names(JcaPKCS10CertificationRequest request) {
        for (var attribute : request.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
            var extensions = Extensions.getInstance(attribute.getAttrValues().getObjectAt(0));
            var names = GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
            if (names != null) {
                return names.getNames();
            }
        }
        return new GeneralName[0];
    }

    private static String address(GeneralName name) {
        try {
            var octets = org.bouncycastle.asn1.ASN1OctetString.getInstance(name.getName())
                    .getOctets();
            return java.net.InetAddress.getByAddress(octets).getHostAddress();
        } catch (java.net.UnknownHostException e) {
            throw new IllegalArgumentException("an IP address in the request has a wrong length", e);
        }
    }
}
