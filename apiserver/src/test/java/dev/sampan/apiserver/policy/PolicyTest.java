package dev.sampan.apiserver.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.WholeServer.Answer;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Admission policies as clients see them. */
class PolicyTest {

    private static final String ADMISSION = "/apis/admissionregistration.k8s.io/v1/";
    private static final String MAPS = "/api/v1/namespaces/team/configmaps";
    private static final String CREATES =
            "{resourceRules: [{operations: [CREATE, UPDATE], apiGroups: [''], apiVersions:"
                    + " [v1], resources: [configmaps]}]}";

    @TempDir
    private Path temp;

    private WholeServer server;

    @BeforeEach
    void start() {
        server = new WholeServer(temp);
        server.namespace("team");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void create(String kind, String plural, String name, String spec) {
        server.post(
                        ADMISSION + plural,
                        "apiVersion: admissionregistration.k8s.io/v1\nkind: %s\nmetadata: {name: %s}\nspec:\n%s"
                                .formatted(kind, name, spec.indent(2)))
                .ok();
    }

    private void policy(String name, String spec) {
        create("ValidatingAdmissionPolicy", "validatingadmissionpolicies", name, spec);
    }

    private void bind(String name, String policy, String more) {
        create(
                "ValidatingAdmissionPolicyBinding",
                "validatingadmissionpolicybindings",
                name,
                "policyName: " + policy + "\n" + more);
    }

    private int made;

    private Answer map(String data) {
        return server.post(
                MAPS, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m%d}\ndata: %s".formatted(made++, data));
    }

    /** Policies take effect a moment after they are stored. */
    private static Answer eventually(Supplier<Answer> call, int code) {
        var last = new Answer[1];
        await().until(() -> (last[0] = call.get()).code() == code);
        return last[0];
    }

    @Test
    void aRefusalNamesPolicyAndBinding() {
        policy("small", """
                matchConstraints: %s
                variables: [{name: keys, expression: 'has(object.data) ? size(object.data) : 0'}]
                validations:
                - expression: variables.keys <= 1
                - expression: "!('secret' in object.data)"
                  messageExpression: "'no secrets by ' + request.userInfo.username"
                  reason: Forbidden
                """.formatted(CREATES));
        bind("small-all", "small", "validationActions: [Deny]");
        var refused = eventually(() -> map("{a: '1', b: '2'}"), 422);
        assertThat(refused.message())
                .matches("configmaps \"m\\d+\" is forbidden: ValidatingAdmissionPolicy 'small' with binding 'small-all'"
                        + " denied request: failed expression: variables.keys <= 1");
        assertThat(refused.at("reason")).isEqualTo("Invalid");
        assertThat(map("{secret: x}").refused(403).message())
                .endsWith("denied request: no secrets by kubernetes-admin");
        map("{a: '1'}").ok();
        server.delete(ADMISSION + "validatingadmissionpolicybindings/small-all").ok();
        eventually(() -> map("{a: '1', b: '2'}"), 201);
    }

    @Test
    void warningsLetPass() {
        policy(
                "warned",
                "matchConstraints: %s\nvalidations: [{expression: 'false', message: think twice}]".formatted(CREATES));
        bind("b", "warned", "validationActions: [Warn, Audit]");
        await().untilAsserted(() -> assertThat(map("{}").ok().header("warning"))
                .containsExactly(
                        "299 - \"Validation failed for ValidatingAdmissionPolicy 'warned' with binding 'b': think"
                                + " twice\""));
    }

    @Test
    void parametersComeFromObjects() {
        policy("limit", """
                paramKind: {apiVersion: v1, kind: ConfigMap}
                matchConstraints: %s
                matchConditions: [{name: not-the-limits, expression: "!object.metadata.name.startsWith('limit')"}]
                validations: [{expression: 'size(object.data) <= int(params.data.max)'}]
                """.formatted(CREATES));
        server.post(MAPS, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: limit-a}\ndata: {max: '1'}")
                .ok();
        bind("b", "limit", "validationActions: [Deny]\nparamRef: {name: limit-a, parameterNotFoundAction: Deny}");
        eventually(() -> map("{a: '1', b: '2'}"), 422);
        map("{a: '1'}").ok();
        server.delete(MAPS + "/limit-a").ok();
        assertThat(map("{a: '1'}").refused(422).message())
                .endsWith("failed to configure binding: no params found for policy binding with `Deny`"
                        + " parameterNotFoundAction");
    }

    @Test
    void errorsGoByTheFailurePolicy() {
        policy("broken", "matchConstraints: %s\nvalidations: [{expression: object.nothing == 1}]".formatted(CREATES));
        bind("b", "broken", "validationActions: [Deny]");
        assertThat(eventually(() -> map("{}"), 422).message())
                .contains("expression 'object.nothing == 1' resulted in error: no such key: nothing");
        server.patch(ADMISSION + "validatingadmissionpolicies/broken", "spec: {failurePolicy: Ignore}")
                .ok();
        eventually(() -> map("{}"), 201);
    }

    @Test
    void selectorsAndTheAuthorizerNarrowAPolicy() {
        server.namespace("free");
        policy("only", """
                matchConstraints: %s
                validations:
                - expression: authorizer.group('').resource('configmaps').namespace('team').check('bless').allowed()
                - expression: namespaceObject.metadata.name == 'free'
                """.formatted(CREATES));
        bind(
                "b",
                "only",
                "validationActions: [Deny]\nmatchResources: {namespaceSelector: {matchLabels:"
                        + " {kubernetes.io/metadata.name: team}}}");
        assertThat(eventually(() -> map("{}"), 422).message()).endsWith("namespaceObject.metadata.name == 'free'");
        server.post("/api/v1/namespaces/free/configmaps", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}")
                .ok();
    }

    @Test
    void policiesThatDoNotCompileAreNotStored() {
        var refused = server.post(ADMISSION + "validatingadmissionpolicies", """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: bad}
                spec: {matchConstraints: %s, validations: [{expression: 'object.x =='}]}
                """.formatted(CREATES))
                .refused(422);
        assertThat(refused.message())
                .contains("spec.validations[0].expression: Invalid value: \"object.x ==\": compilation failed");
    }

    @Test
    void mutationsMergeAndPatch() {
        create("MutatingAdmissionPolicy", "mutatingadmissionpolicies", "label", """
                matchConstraints: %s
                reinvocationPolicy: Never
                mutations:
                - patchType: ApplyConfiguration
                  applyConfiguration:
                    expression: "Object{metadata: Object.metadata{labels: {'made': 'by-policy'}}}"
                - patchType: JSONPatch
                  jsonPatch:
                    expression: "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: object.metadata.labels.made}]"
                """.formatted(CREATES));
        create("MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", "label", "policyName: label");
        await().untilAsserted(() -> assertThat(map("{}").ok().at("metadata.labels"))
                .isEqualTo("{\"made\":\"by-policy\",\"a/b\":\"by-policy\"}"));
    }

    @Test
    void listsMergeByTheirKeys() {
        create("MutatingAdmissionPolicy", "mutatingadmissionpolicies", "pull", """
                matchConstraints: {resourceRules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}]}
                reinvocationPolicy: Never
                mutations:
                - patchType: ApplyConfiguration
                  applyConfiguration:
                    expression: >
                      Object{spec: Object.spec{containers: object.spec.containers.map(c,
                        Object.spec.containers{name: c.name, imagePullPolicy: 'Never'})}}
                """);
        create("MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", "pull", "policyName: pull");
        await().untilAsserted(() -> {
            var pod = server.post("/api/v1/namespaces/team/pods", """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: p%d}
                    spec: {containers: [{name: a, image: x, env: [{name: k, value: v}]}, {name: b, image: z}]}
                    """.formatted(made++))
                    .ok();
            assertThat(pod.at("spec.containers.0.imagePullPolicy")).isEqualTo("Never");
            assertThat(pod.at("spec.containers.0.env.0.value")).isEqualTo("v");
            assertThat(pod.at("spec.containers.1.image")).isEqualTo("z");
        });
    }
}
