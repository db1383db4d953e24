package dev.sampan.apiserver.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.SecurityOptions;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.WholeServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The audit log of a whole server. */
class AuditTest {

    private static final String POLICY = """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
            - level: None
              users: [quiet]
            - level: RequestResponse
              omitManagedFields: true
              resources: [{group: '', resources: [configmaps]}]
              verbs: [create]
            - level: Request
              resources: [{group: '', resources: [configmaps, pods/eviction]}]
              namespaces: [team]
            - level: Metadata
              resources: [{group: '', resources: [secrets], resourceNames: [watched]}]
              omitStages: [ResponseStarted]
            - level: Metadata
              nonResourceURLs: [/version, '/health*']
            """;

    @TempDir
    private Path temp;

    private List<JsonNode> log() throws IOException {
        var file = temp.resolve("audit.log");
        return Files.exists(file)
                ? Files.readAllLines(file).stream()
                        .map(JsonMapper.shared()::readTree)
                        .toList()
                : List.of();
    }

    private WholeServer server(String policy) throws IOException {
        var file = temp.resolve("policy.yaml");
        Files.writeString(file, policy);
        var audit = new AuditOptions(file, temp.resolve("audit.log"));
        return new WholeServer(temp.resolve("pki"), c -> c.withSecurity(SecurityOptions.DEFAULT.withAudit(audit)));
    }

    @Test
    void theFirstRuleSaysHowMuchIsWritten() throws IOException {
        try (var server = server(POLICY)) {
            server.namespace("team");
            assertThat(log()).isEmpty();
            var maps = "/api/v1/namespaces/team/configmaps";
            var created = server.post(
                            maps + "?fieldManager=me",
                            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}")
                    .ok();
            var event = log().getLast();
            assertThat(created.header("audit-id"))
                    .containsExactly(event.path("auditID").asString());
            assertThat(event.path("level").asString()).isEqualTo("RequestResponse");
            assertThat(event.path("stage").asString()).isEqualTo("ResponseComplete");
            assertThat(event.path("requestURI").asString()).isEqualTo(maps + "?fieldManager=me");
            assertThat(event.path("verb").asString()).isEqualTo("create");
            assertThat(event.path("objectRef").toString())
                    .isEqualTo("{\"resource\":\"configmaps\",\"namespace\":\"team\",\"apiVersion\":\"v1\"}");
            assertThat(event.path("requestObject").path("data").path("k").asString())
                    .isEqualTo("v");
            assertThat(event.path("responseObject").path("metadata").has("uid")).isTrue();
            assertThat(event.path("responseObject").path("metadata").has("managedFields"))
                    .isFalse();
            assertThat(event.path("responseStatus").path("code").asInt()).isEqualTo(201);
            assertThat(event.path("annotations")
                            .path("authorization.k8s.io/decision")
                            .asString())
                    .isEqualTo("allow");
            assertThat(event.path("requestReceivedTimestamp").asString()).matches("\\d{4}-.*\\.\\d{6}Z");

            server.put(maps + "/a", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: w}")
                    .ok();
            assertThat(log().getLast().path("level").asString()).isEqualTo("Request");
            assertThat(log().getLast().has("responseObject")).isFalse();

            server.get("/api/v1/namespaces/team/secrets/watched").refused(404);
            var missing = log().getLast();
            assertThat(missing.path("level").asString()).isEqualTo("Metadata");
            assertThat(missing.path("responseStatus").path("reason").asString()).isEqualTo("NotFound");
            int before = log().size();
            server.get("/api/v1/namespaces/team/secrets/other").refused(404);
            server.call(UserInfo.of("quiet", UserInfo.MASTERS), "GET", "/version", "")
                    .ok();
            assertThat(log()).hasSize(before);
            server.get("/version").ok();
            assertThat(log().getLast().has("objectRef")).isFalse();
        }
    }

    @Test
    void refusalsAndImpersonationAreWritten() throws IOException {
        try (var server =
                server("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, verbs: [delete]}]")) {
            var headers = Map.of("impersonate-user", List.of("jane"), "user-agent", List.of("kubectl/v1.33"));
            server.call(WholeServer.ADMIN, "DELETE", "/api/v1/namespaces/default", "", headers)
                    .refused(403);
            assertThat(log())
                    .extracting(e -> e.path("stage").asString())
                    .containsExactly("RequestReceived", "ResponseComplete");
            var event = log().getLast();
            assertThat(event.path("user").path("username").asString()).isEqualTo("kubernetes-admin");
            assertThat(event.path("impersonatedUser").path("username").asString())
                    .isEqualTo("jane");
            assertThat(event.path("userAgent").asString()).isEqualTo("kubectl/v1.33");
            assertThat(event.path("annotations")
                            .path("authorization.k8s.io/decision")
                            .asString())
                    .isEqualTo("forbid");
            assertThat(event.path("responseStatus").path("reason").asString()).isEqualTo("Forbidden");
        }
    }

    @Test
    void watchesAreWrittenTwice() throws IOException {
        try (var server = server("apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\n"
                + "rules: [{level: Metadata, verbs: [watch]}]")) {
            var request = ApiRequest.of(WholeServer.ADMIN, "GET", "/api/v1/namespaces?watch=true");
            try (var body = ((ApiResponse.Stream) server.api().handle(request)).body()) {
                assertThat(log()).extracting(e -> e.path("stage").asString()).containsExactly("ResponseStarted");
            }
            assertThat(log())
                    .extracting(e -> e.path("stage").asString())
                    .containsExactly("ResponseStarted", "ResponseComplete");
        }
    }

    @Test
    void fullFilesAreRenamedAndTheOldestGo() throws IOException {
        var options = new AuditOptions(temp.resolve("policy"), temp.resolve("audit.log"), 0, 2, 0);
        var now = new Instant[] {Instant.parse("2026-05-01T10:00:00Z")};
        try (var file = new RotatingFile(options, 10, () -> now[0])) {
            for (int i = 0; i < 8; i++) {
                file.write(("line" + i + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
                now[0] = now[0].plusSeconds(1);
            }
        }
        try (var files = Files.list(temp)) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "audit.log", "audit-2026-05-01T10-00-06.000.log", "audit-2026-05-01T10-00-07.000.log");
        }
        assertThat(Files.readString(temp.resolve("audit.log"))).isEqualTo("line7\n");
        assertThat(Files.readString(temp.resolve("audit-2026-05-01T10-00-07.000.log")))
                .isEqualTo("line6\n");
    }

    @Test
    void aPolicyThatIsNoneIsRefused() throws IOException {
        var file = temp.resolve("bad.yaml");
        Files.writeString(file, "kind: Policy\napiVersion: audit.k8s.io/v1\n");
        assertThatThrownBy(() -> AuditPolicy.read(file)).hasMessageEndingWith("loaded illegal policy with 0 rules");
    }
}
