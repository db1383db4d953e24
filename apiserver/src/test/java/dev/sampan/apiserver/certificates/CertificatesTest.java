package dev.sampan.apiserver.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.pki.Credential;
import dev.sampan.apiserver.pki.Pem;
import dev.sampan.apiserver.pki.PkiDirectory;
import dev.sampan.apiserver.pki.RotatingKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CertificateSigningRequests from the wish to the certificate. */
class CertificatesTest {

    private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    @TempDir
    private Path temp;

    private WholeServer server;

    @BeforeEach
    void start() {
        server = new WholeServer(temp);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static KeyPair pair() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static String pem(String subject, KeyPair pair, GeneralName... names) throws Exception {
        var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), pair.getPublic());
        if (names.length > 0) {
            var extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        var request = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
        var text = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder().encodeToString(request.getEncoded())
                + "\n-----END CERTIFICATE REQUEST-----\n";
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private WholeServer.Answer request(
            UserInfo user, String name, String signer, String usages, String pem, String more) {
        return server.call(user, "POST", REQUESTS, """
                apiVersion: certificates.k8s.io/v1
                kind: CertificateSigningRequest
                metadata: {name: %s}
                spec: {signerName: %s, usages: [%s], request: %s%s}
                """.formatted(name, signer, usages, pem, more));
    }

    /** What {@code kubectl certificate approve} does. */
    private WholeServer.Answer approve(UserInfo user, String name) {
        var request = server.get(REQUESTS + "/" + name).ok().body().deepCopy();
        ((tools.jackson.databind.node.ObjectNode) request)
                .withObject("/status")
                .withArray("conditions")
                .addObject()
                .put("type", "Approved")
                .put("status", "True")
                .put("reason", "KubectlApprove")
                .put("message", "This CSR was approved by kubectl certificate approve.");
        return server.call(user, "PUT", REQUESTS + "/" + name + "/approval", request.toString());
    }

    private X509Certificate certificate(String name) throws Exception {
        await().until(() ->
                !server.get(REQUESTS + "/" + name).at("status.certificate").isEmpty());
        var pem = Base64.getDecoder().decode(server.get(REQUESTS + "/" + name).at("status.certificate"));
        return Pem.certificates(new String(pem, StandardCharsets.UTF_8)).getFirst();
    }

    @Test
    void anApprovedRequestIsSigned() throws Exception {
        var pair = pair();
        request(
                        WholeServer.ADMIN,
                        "jane",
                        Signers.CLIENT,
                        "client auth",
                        pem("O=dev,CN=jane", pair),
                        ", expirationSeconds: 3600")
                .ok();
        assertThat(server.get(REQUESTS + "/jane").at("status.certificate")).isEmpty();
        approve(WholeServer.ADMIN, "jane").ok();
        var certificate = certificate("jane");
        certificate.verify(new PkiDirectory(temp, InstantSource.system())
                .clusterCa()
                .certificate()
                .getPublicKey());
        assertThat(certificate.getPublicKey()).isEqualTo(pair.getPublic());
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=jane,O=dev");
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(Duration.between(Instant.now(), certificate.getNotAfter().toInstant()))
                .isBetween(Duration.ofMinutes(58), Duration.ofMinutes(61));
    }

    @Test
    void signersHaveRules() throws Exception {
        var dns = new GeneralName(GeneralName.dNSName, "n1");
        request(WholeServer.ADMIN, "bad", Signers.CLIENT, "server auth", pem("CN=x", pair()), "")
                .ok();
        approve(WholeServer.ADMIN, "bad").ok();
        await().untilAsserted(() -> assertThat(server.get(REQUESTS + "/bad").at("status.conditions.1.reason"))
                .isEqualTo("SignerValidationFailed"));
        request(
                        WholeServer.ADMIN,
                        "serving",
                        Signers.NODE_SERVING,
                        "'digital signature', 'server auth'",
                        pem("O=system:nodes,CN=system:node:n1", pair(), dns),
                        "")
                .ok();
        approve(WholeServer.ADMIN, "serving").ok();
        assertThat(certificate("serving").getSubjectAlternativeNames().toString())
                .contains("n1");
        assertThat(request(
                                WholeServer.ADMIN,
                                "root",
                                Signers.CLIENT,
                                "client auth",
                                pem("O=system:masters,CN=eve", pair()),
                                "")
                        .refused(403)
                        .message())
                .endsWith("use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed");
        assertThat(request(
                                WholeServer.ADMIN,
                                "old",
                                "kubernetes.io/legacy-unknown",
                                "client auth",
                                pem("CN=x", pair()),
                                "")
                        .refused(422)
                        .message())
                .contains("the legacy signerName is not allowed via this API version");
        assertThat(request(WholeServer.ADMIN, "none", Signers.CLIENT, "client auth", "eA==", "")
                        .refused(422)
                        .message())
                .contains("unable to parse csr: PEM block type must be CERTIFICATE REQUEST");
        request(WholeServer.ADMIN, "foreign", "example.com/own", "client auth", pem("CN=x", pair()), "")
                .ok();
        approve(WholeServer.ADMIN, "foreign").ok();
        request(WholeServer.ADMIN, "later", Signers.CLIENT, "client auth", pem("CN=x", pair()), "")
                .ok();
        approve(WholeServer.ADMIN, "later").ok();
        var unused = certificate("later");
        assertThat(server.get(REQUESTS + "/foreign").at("status.certificate")).isEmpty();
    }

    @Test
    void approvalNeedsAVerbOnTheSigner() throws Exception {
        server.post("/apis/rbac.authorization.k8s.io/v1/clusterroles", """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata: {name: approver}
                rules: [{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests/approval], verbs: [update]}]
                """).ok();
        server.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: approver}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: approver}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}]
                """)
                .ok();
        request(WholeServer.ADMIN, "jane", Signers.CLIENT, "client auth", pem("CN=jane", pair()), "")
                .ok();
        await().untilAsserted(
                        () -> assertThat(approve(UserInfo.of("bob"), "jane")
                                        .refused(403)
                                        .message())
                                .endsWith(
                                        "user not permitted to approve requests with signerName \"kubernetes.io/kube-apiserver-client\""));
    }

    @Test
    void aNodeRenewsItself() throws Exception {
        server.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: renewal}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole,
                  name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient'}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:nodes'}]
                """)
                .ok();
        var node = UserInfo.of("system:node:n1", "system:nodes");
        var usages = "'digital signature', 'key encipherment', 'client auth'";
        await().untilAsserted(() ->
                assertThat(server.call(node, "GET", REQUESTS + "/x", "").code()).isEqualTo(404));
        request(node, "renew", Signers.NODE_CLIENT, usages, pem("O=system:nodes,CN=system:node:n1", pair()), "")
                .ok();
        assertThat(certificate("renew").getSubjectX500Principal().getName())
                .isEqualTo("CN=system:node:n1,O=system:nodes");
        assertThat(server.get(REQUESTS + "/renew").at("status.conditions.0.reason"))
                .isEqualTo("AutoApproved");
        request(node, "other", Signers.NODE_CLIENT, usages, pem("O=system:nodes,CN=system:node:n2", pair()), "")
                .ok();
        request(node, "again", Signers.NODE_CLIENT, usages, pem("O=system:nodes,CN=system:node:n1", pair()), "")
                .ok();
        var unused = certificate("again");
        assertThat(server.get(REQUESTS + "/other").at("status.conditions")).isEmpty();
    }

    @Test
    void aRenewedServingCertificateIsShown() throws Exception {
        var pki = new PkiDirectory(temp, InstantSource.system());
        var shown = new Credential[] {pki.nodeServing("n1", List.of("127.0.0.1"))};
        var now = new Instant[] {Instant.parse("2026-05-01T10:00:00Z")};
        var tls = RotatingKeys.tls(() -> shown[0], List.of(), () -> now[0]);
        var first = shake(tls);
        shown[0] = pki.nodeServing("n2", List.of("127.0.0.1"));
        assertThat(shake(tls)).isEqualTo(first);
        now[0] = now[0].plus(Duration.ofHours(1));
        assertThat(shake(tls)).isEqualTo(shown[0].certificate()).isNotEqualTo(first);
    }

    private static X509Certificate shake(SSLContext tls) throws Exception {
        try (var listener = tls.getServerSocketFactory().createServerSocket(0)) {
            var accepting = Thread.ofVirtual().start(() -> {
                try (var socket = (SSLSocket) listener.accept()) {
                    socket.startHandshake();
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            try (var socket = (SSLSocket) dev.sampan.apiserver.pki.KeyStores.trustingAnyServer()
                    .getSocketFactory()
                    .createSocket("127.0.0.1", listener.getLocalPort())) {
                socket.startHandshake();
                return (X509Certificate) socket.getSession().getPeerCertificates()[0];
            } finally {
                accepting.join();
            }
        }
    }
}
