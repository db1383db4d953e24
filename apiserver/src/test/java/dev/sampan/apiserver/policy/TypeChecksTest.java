package dev.sampan.apiserver.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.WholeServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What the status of a policy says of its expressions. */
class TypeChecksTest {

    private static final String POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";

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

    private JsonNode status(String groups, String resources, String expression) {
        server.post(POLICIES, """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingAdmissionPolicy
                        metadata: {name: p}
                        spec:
                          matchConstraints: {resourceRules: [{operations: [CREATE], apiGroups: [%s], apiVersions: [v1], resources: [%s]}]}
                          variables: [{name: size, expression: object.spec.replicas}]
                          validations: [{expression: "%s"}]
                        """.formatted(groups, resources, expression)).ok();
        await().until(() -> observed() == 1);
        return server.get(POLICIES + "/p").ok().body().path("status");
    }

    private long observed() {
        return server.get(POLICIES + "/p")
                .ok()
                .body()
                .path("status")
                .path("observedGeneration")
                .longValue(0);
    }

    @Test
    void namesFieldsThatAKindDoesNotHave() {
        var warnings = status("apps", "deployments", "object.replicas > 1")
                .path("typeChecking")
                .path("expressionWarnings");
        assertThat(warnings).hasSize(1);
        assertThat(warnings.path(0).path("fieldRef").stringValue("")).isEqualTo("spec.validations[0].expression");
        assertThat(warnings.path(0).path("warning").stringValue("")).isEqualTo("""
                apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'
                 | object.replicas > 1
                 | ......^
                """);
    }

    @Test
    void checksEveryKindThatIsNamed() {
        var warning = status("apps", "'statefulsets', 'daemonsets'", "variables.size > 1")
                .path("typeChecking")
                .path("expressionWarnings");
        assertThat(warning.isMissingNode()).isTrue(); // a variable that does not fit is of any type
        server.patch(
                        POLICIES + "/p",
                        "spec: {validations: [{expression: 'object.spec.replicas > 1'}, {expression: \"variables.size > 'a'\"}]}")
                .ok();
        await().until(() -> observed() == 2);
        var warnings = server.get(POLICIES + "/p")
                .ok()
                .body()
                .path("status")
                .path("typeChecking")
                .path("expressionWarnings");
        assertThat(warnings).hasSize(2);
        assertThat(warnings.path(0).path("warning").stringValue(""))
                .startsWith("apps/v1, Kind=DaemonSet: ERROR: <input>:1:12: undefined field 'replicas'");
        assertThat(warnings.path(1).path("warning").stringValue(""))
                .startsWith(
                        "apps/v1, Kind=StatefulSet: ERROR: <input>:1:16: found no matching overload for '_>_' applied to"
                                + " '(int, string)'");
    }

    @Test
    void saysNothingAgainstWhatFits() {
        var fits = "object.spec.template.spec.containers.all(c, !has(c.image) || c.image.startsWith('a')"
                + " || quantity(c.resources.limits['cpu']).isLessThan(quantity('1')))"
                + " && object.metadata.namespace == 'x' && object.metadata.labels['a'] == 'b' && variables.size < 9"
                + " && object.spec.strategy.rollingUpdate.maxSurge == 1 && request.operation == 'CREATE'";
        assertThat(status("apps", "deployments", fits).path("typeChecking").toString())
                .isEqualTo("{}");
        server.delete(POLICIES + "/p").ok();
        assertThat(status("'*'", "deployments", "object.nothing == 1")
                        .path("typeChecking")
                        .toString())
                .isEqualTo("{}");
    }
}
