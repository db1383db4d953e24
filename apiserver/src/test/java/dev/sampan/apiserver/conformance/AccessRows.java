package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** CertificateSigningRequests, ServiceAccounts, access reviews. */
record AccessRows(Cluster cluster) {

    private static String request() throws GeneralSecurityException, OperatorCreationException, IOException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        var pair = generator.generateKeyPair();
        var request = new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=row"), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
        var pem = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder().encodeToString(request.getEncoded())
                + "\n-----END CERTIFICATE REQUEST-----\n";
        return Base64.getEncoder().encodeToString(pem.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    @Row(149)
    void certificateSigningRequests() throws GeneralSecurityException, OperatorCreationException, IOException {
        var requests = new Resource(
                cluster,
                "certificates.k8s.io",
                "v1",
                "certificatesigningrequests",
                "CertificateSigningRequest",
                "",
                """
                spec: {signerName: example.com/e2e, expirationSeconds: 3600, usages: [digital signature, key encipherment, server auth], request: %s}
                """.formatted(request()));
        requests.cycle();
        requests.create("csr", "approval");
        var condition = "{type: %s, status: 'True', reason: E2E, message: Set from a row}";
        var approval = requests.path("csr") + "/approval";
        assertThat(cluster.get(approval).ok().at("kind")).isEqualTo("CertificateSigningRequest");
        var approved = cluster.patch(
                        approval,
                        "metadata: {annotations: {a: b}}\nstatus: {conditions: [" + condition.formatted("ApprovalPatch")
                                + "]}")
                .ok();
        assertThat(approved.at("status.conditions.0.type")).isEqualTo("ApprovalPatch");
        assertThat(approved.at("metadata.annotations.a")).isEqualTo("b");
        var object = (tools.jackson.databind.node.ObjectNode) approved.body().deepCopy();
        ((tools.jackson.databind.node.ArrayNode) object.get("status").get("conditions"))
                .addObject()
                .put("type", "ApprovalUpdate")
                .put("status", "True")
                .put("reason", "E2E")
                .put("message", "m");
        assertThat(cluster.put(approval, object.toString()).ok().at("status.conditions"))
                .contains("ApprovalUpdate");
        var status = requests.path("csr") + "/status";
        var certificate = Base64.getEncoder()
                .encodeToString(java.nio.file.Files.readAllBytes(
                        cluster.directory().resolve("pki").resolve("ca.crt")));
        var issued = cluster.patch(status, "status: {certificate: " + certificate + "}")
                .ok();
        assertThat(issued.at("status.certificate")).isEqualTo(certificate);
        assertThat(cluster.get(status).at("status.conditions")).contains("ApprovalPatch");
        cluster.delete(requests.path("csr")).ok();
    }

    private Resource accounts() {
        return new Resource(
                cluster,
                "",
                "v1",
                "serviceaccounts",
                "ServiceAccount",
                cluster.namespace(),
                "automountServiceAccountToken: false");
    }

    @Row(155)
    void runsThroughTheLifeOfAServiceAccount() {
        accounts().cycle();
    }

    @Row(156)
    void updatesAServiceAccount() {
        var accounts = accounts();
        var created = accounts.create("a", "update");
        var object = (tools.jackson.databind.node.ObjectNode) created.body().deepCopy();
        cluster.put(
                        accounts.path("a"),
                        object.put("automountServiceAccountToken", true).toString())
                .ok();
        assertThat(cluster.get(accounts.path("a")).at("automountServiceAccountToken"))
                .isEqualTo("true");
    }

    @Row(157)
    void reviewsSubjects() {
        var namespace = cluster.namespace();
        var user = "system:serviceaccount:" + namespace + ":e2e";
        var attributes =
                "resourceAttributes: {namespace: " + namespace + ", verb: list, resource: configmaps, version: v1}";
        var about = "spec: {user: '" + user + "', " + attributes + "}";
        assertThat(review("subjectaccessreviews", "SubjectAccessReview", "", about))
                .isEqualTo("false");
        assertThat(review("localsubjectaccessreviews", "LocalSubjectAccessReview", namespace, about))
                .isEqualTo("false");
        grant(namespace, user);
        assertThat(review("subjectaccessreviews", "SubjectAccessReview", "", about))
                .isEqualTo("true");
        assertThat(review("localsubjectaccessreviews", "LocalSubjectAccessReview", namespace, about))
                .isEqualTo("true");
        assertThat(review("selfsubjectaccessreviews", "SelfSubjectAccessReview", "", "spec: {" + attributes + "}"))
                .isEqualTo("true");
        var other = about.replace("verb: list", "verb: delete");
        assertThat(review("subjectaccessreviews", "SubjectAccessReview", "", other))
                .isEqualTo("false");
    }

    private void grant(String namespace, String user) {
        var rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace;
        cluster.post(rbac + "/roles", """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: reader}
                rules: [{apiGroups: [''], resources: [configmaps], verbs: [get, list]}]
                """).ok();
        cluster.post(rbac + "/rolebindings", """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: reader}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
                subjects: [{kind: User, name: '%s', apiGroup: rbac.authorization.k8s.io}]
                """.formatted(user)).ok();
        org.awaitility.Awaitility.await()
                .until(() -> cluster.as(user, "GET", "/api/v1/namespaces/" + namespace + "/configmaps", "")
                                .code()
                        == 200);
    }

    private String review(String plural, String kind, String namespace, String spec) {
        var path = "/apis/authorization.k8s.io/v1/" + (namespace.isEmpty() ? "" : "namespaces/" + namespace + "/")
                + plural;
        var metadata = namespace.isEmpty() ? "" : "metadata: {namespace: " + namespace + "}\n";
        var body = "apiVersion: authorization.k8s.io/v1\nkind: " + kind + "\n" + metadata + spec;
        return cluster.post(path, body).refused(201).at("status.allowed");
    }
}
