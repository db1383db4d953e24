package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sampan.apiserver.pki.Kubeconfig;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens, certificates and quotas with several releases of the real kubectl, over TLS. */
class IdentityKubectlTest {

    private record Output(int code, String text) {}

    @TempDir
    private Path temp;

    private WholeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new WholeServer(temp.resolve("pki"));
        server.namespace("team");
        server.api().start();
        var admin = new PkiDirectory(temp.resolve("pki"), InstantSource.system()).admin();
        Files.writeString(
                temp.resolve("kubeconfig"), new Kubeconfig("test", server.api().uri(), "admin", admin).toYaml());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Path program(String release) throws Exception {
        var found = new ProcessBuilder("sh", "-c", "readlink -f \"$(command -v kubectl)\"").start();
        var path = new String(found.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assumeTrue(!path.isEmpty(), "no kubectl on the PATH");
        var program = Path.of(path).resolveSibling("kubectl." + release);
        assumeTrue(Files.isExecutable(program), "no kubectl " + release + " beside " + path);
        return program;
    }

    private Output call(Path program, String input, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(program.toString(), "-n", "team"));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", temp.resolve("kubeconfig").toString());
        builder.environment().put("KUBECACHEDIR", temp.resolve("cache").toString());
        var process = builder.start();
        try (var out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        }
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Output(process.exitValue(), text.strip());
    }

    private String run(Path program, String input, String... arguments) throws Exception {
        var output = call(program, input, arguments);
        assertThat(output.code()).as(output.text()).isZero();
        return output.text();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.27", "1.30", "1.33"})
    void tokens(String release) throws Exception {
        var kubectl = program(release);
        var token = run(kubectl, "", "create", "token", "default");
        assertThat(server.send(WholeServer.bearer(token, "GET", "/version")).code())
                .isEqualTo(200);
        assertThat(run(
                        kubectl,
                        "",
                        "--token",
                        token,
                        "auth",
                        "can-i",
                        "get",
                        "pods",
                        "--as=system:admin",
                        "--as-group=system:masters"))
                .contains("yes");
        var bound = run(kubectl, "", "create", "token", "default", "--audience=vault", "--duration=15m");
        assertThat(server.send(WholeServer.bearer(bound, "GET", "/version")).code())
                .isEqualTo(401);
        assertThat(call(kubectl, "", "create", "token", "default", "--duration=1m")
                        .text())
                .contains("may not specify a duration less than 10 minutes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.27", "1.30", "1.33"})
    void certificates(String release) throws Exception {
        var kubectl = program(release);
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        var pair = generator.generateKeyPair();
        var request = new JcaPKCS10CertificationRequestBuilder(new X500Name("O=dev,CN=jane"), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
        var pem = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder().encodeToString(request.getEncoded())
                + "\n-----END CERTIFICATE REQUEST-----\n";
        var manifest = """
                apiVersion: certificates.k8s.io/v1
                kind: CertificateSigningRequest
                metadata: {name: %s}
                spec: {signerName: kubernetes.io/kube-apiserver-client, usages: [client auth], request: %s}
                """;
        var encoded = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
        run(kubectl, manifest.formatted("jane", encoded), "create", "-f", "-");
        assertThat(run(kubectl, "", "get", "csr", "jane")).contains("Pending");
        assertThat(run(kubectl, "", "certificate", "approve", "jane")).contains("approved");
        await().untilAsserted(
                        () -> assertThat(run(kubectl, "", "get", "csr", "jane")).contains("Approved,Issued"));
        run(kubectl, manifest.formatted("joe", encoded), "create", "-f", "-");
        assertThat(run(kubectl, "", "certificate", "deny", "joe")).contains("denied");
        assertThat(run(kubectl, "", "get", "csr", "joe")).contains("Denied");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.27", "1.30", "1.33"})
    void quotasAndPolicies(String release) throws Exception {
        var kubectl = program(release);
        run(kubectl, "", "create", "quota", "q", "--hard=configmaps=1");
        run(kubectl, "", "create", "configmap", "one");
        assertThat(call(kubectl, "", "create", "configmap", "two").text())
                .contains("exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1");
        assertThat(run(kubectl, "", "describe", "quota", "q")).containsPattern("configmaps +1 +1");
        run(kubectl, """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: named}
                spec:
                  matchConstraints: {resourceRules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [secrets]}]}
                  validations: [{expression: "object.metadata.name.startsWith('a')", message: names begin with a}]
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: named}
                spec: {policyName: named, validationActions: [Deny]}
                """, "apply", "-f", "-");
        await().untilAsserted(() -> assertThat(call(kubectl, "", "create", "secret", "generic", "b", "--dry-run=server")
                        .text())
                .contains("ValidatingAdmissionPolicy 'named' with binding 'named' denied request: names begin with a"));
        assertThat(run(kubectl, "", "create", "secret", "generic", "a")).contains("created");
        assertThat(run(kubectl, "", "get", "flowschemas,prioritylevelconfigurations,apiservices"))
                .contains("catch-all", "workload-low");
    }
}
