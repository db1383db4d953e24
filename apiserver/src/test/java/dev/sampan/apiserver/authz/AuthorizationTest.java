package dev.sampan.apiserver.authz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.FakeObjects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class AuthorizationTest {

    private static final UserInfo ALICE = UserInfo.of("alice", "team");
    private static final UserInfo NODE = UserInfo.of("system:node:one", "system:nodes");

    private final FakeObjects objects = new FakeObjects();
    private Authorization authorization;

    @BeforeEach
    void start() throws Exception {
        authorization = new Authorization(objects);
        authorization.bootstrap();
        await().until(() -> {
            var admin = objects.get(RbacState.CLUSTER_ROLES, "", "admin");
            return admin != null && !admin.path("rules").isEmpty();
        });
    }

    @AfterEach
    void stop() throws Exception {
        authorization.close();
    }

    /** Who may do what with nothing but the bootstrap policy, and for alice the role named bound in namespace team. */
    @ParameterizedTest
    @CsvSource({
        "admin,   create, apps, deployments, -,      team,  true",
        "admin,   create, apps, deployments, -,      other, false",
        "admin,   create, rbac.authorization.k8s.io, roles, -, team, true",
        "edit,    create, rbac.authorization.k8s.io, roles, -, team, false",
        "edit,    get,    -,    secrets,     -,      team,  true",
        "view,    get,    -,    secrets,     -,      team,  false",
        "view,    get,    -,    pods,        log,    team,  true",
        "view,    get,    -,    pods,        exec,   team,  false",
        "edit,    create, -,    pods,        exec,   team,  true",
        "edit,    create, -,    serviceaccounts, token, team, true",
        "edit,    create, -,    endpoints,   -,      team,  false",
        "view,    list,   discovery.k8s.io, endpointslices, -, team, true",
        "cluster-admin, deletecollection, any.example.com, things, status, team, true",
    })
    void userRoles(
            String role, String verb, String group, String resource, String sub, String namespace, boolean allowed) {
        bind("ClusterRole", role, "team", "{\"kind\":\"Group\",\"name\":\"team\"}");
        await().untilAsserted(() -> assertThat(may(ALICE, verb, group, resource, sub, namespace, ""))
                .isEqualTo(allowed));
    }

    @ParameterizedTest
    @CsvSource({
        "system:anonymous, get, /healthz, true",
        "system:anonymous, get, /version, true",
        "system:anonymous, get, /api, false",
        "alice, get, /apis/apps/v1, true",
        "alice, get, /metrics, false",
        "alice, post, /healthz, false"
    })
    void paths(String user, String verb, String path, boolean allowed) {
        var who = user.equals("alice") ? ALICE : UserInfo.ANONYMOUS;
        assertThat(authorization.authorize(who, Attributes.ofPath(verb, path)).allowed())
                .isEqualTo(allowed);
    }

    @Test
    void resourceNamesLimitARule() {
        create(RbacState.ROLES, """
            {"metadata":{"namespace":"team","name":"one"},"rules":[
              {"verbs":["get"],"apiGroups":[""],"resources":["configmaps"],"resourceNames":["mine"]}]}""");
        bind("Role", "one", "team", "{\"kind\":\"ServiceAccount\",\"name\":\"bot\"}");
        var bot = UserInfo.of("system:serviceaccount:team:bot");
        assertThat(may(bot, "get", "", "configmaps", "", "team", "mine")).isTrue();
        assertThat(may(bot, "get", "", "configmaps", "", "team", "other")).isFalse();
        assertThat(may(bot, "list", "", "configmaps", "", "team", "")).isFalse();
    }

    @Test
    void deletedBindingNoLongerHolds() {
        bind("ClusterRole", "view", "team", "{\"kind\":\"User\",\"name\":\"alice\"}");
        assertThat(may(ALICE, "list", "", "pods", "", "team", "")).isTrue();
        objects.delete(RbacState.ROLE_BINDINGS, "team", "b");
        assertThat(may(ALICE, "list", "", "pods", "", "team", "")).isFalse();
    }

    @Test
    void aMissingRoleIsNamedInTheReason() {
        bind("Role", "gone", "team", "{\"kind\":\"User\",\"name\":\"alice\"}");
        var attributes = Attributes.ofResource("list", "", "v1", "pods", "", "team", "");
        var reason = authorization.authorize(ALICE, attributes).reason();
        assertThat(reason).isEqualTo("RBAC: role.rbac.authorization.k8s.io \"gone\" not found");
        assertThat(Forbidden.of(ALICE, attributes, reason).getMessage())
                .isEqualTo("pods is forbidden: User \"alice\" cannot list resource \"pods\" in API group \"\" in the"
                        + " namespace \"team\": RBAC: role.rbac.authorization.k8s.io \"gone\" not found");
    }

    @Test
    void refusalsReadAsKubernetes() {
        var log = Attributes.ofResource("get", "", "v1", "pods", "log", "team", "web");
        assertThat(Forbidden.of(ALICE, log, "").getMessage())
                .isEqualTo("pods \"web\" is forbidden: User \"alice\" cannot get resource \"pods/log\" in API group"
                        + " \"\" in the namespace \"team\"");
        assertThat(Forbidden.of(UserInfo.ANONYMOUS, Attributes.ofPath("get", "/"), "")
                        .getMessage())
                .isEqualTo("forbidden: User \"system:anonymous\" cannot get path \"/\"");
    }

    @Test
    void aNodeReadsWhatItsPodsNeed() {
        create(new GroupResource("", "pods"), """
            {"metadata":{"namespace":"team","name":"web"},"spec":{"nodeName":"one","serviceAccountName":"default",
             "volumes":[{"secret":{"secretName":"tls"}},{"persistentVolumeClaim":{"claimName":"models"}}],
             "containers":[{"envFrom":[{"configMapRef":{"name":"settings"}}]}]}}""");
        create(new GroupResource("", "persistentvolumes"), """
            {"metadata":{"name":"pv1"},"spec":{"claimRef":{"namespace":"team","name":"models"}}}""");
        assertThat(may(NODE, "get", "", "secrets", "", "team", "tls")).isTrue();
        assertThat(may(NODE, "get", "", "secrets", "", "team", "other")).isFalse();
        assertThat(may(NODE, "list", "", "secrets", "", "team", "")).isFalse();
        assertThat(may(NODE, "get", "", "configmaps", "", "team", "settings")).isTrue();
        assertThat(may(NODE, "get", "", "persistentvolumes", "", "", "pv1")).isTrue();
        assertThat(may(NODE, "create", "", "serviceaccounts", "token", "team", "default"))
                .isTrue();
        assertThat(may(NODE, "create", "", "serviceaccounts", "token", "team", "admin"))
                .isFalse();
        assertThat(may(NODE, "update", "coordination.k8s.io", "leases", "", "kube-node-lease", "two"))
                .isFalse();
        assertThat(may(NODE, "create", "", "pods", "exec", "team", "web")).isFalse();
        objects.delete(new GroupResource("", "pods"), "team", "web");
        assertThat(may(NODE, "get", "", "secrets", "", "team", "tls")).isFalse();
    }

    @Test
    void ownRolesAggregateIntoView() {
        create(RbacState.CLUSTER_ROLES, """
            {"metadata":{"name":"tfjobs","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},"rules":[
              {"verbs":["list"],"apiGroups":["kubeflow.org"],"resources":["tfjobs"]}]}""");
        bind("ClusterRole", "admin", "team", "{\"kind\":\"User\",\"name\":\"alice\"}");
        await().until(() -> may(ALICE, "list", "kubeflow.org", "tfjobs", "", "team", ""));
    }

    @Test
    void bootstrapAgainChangesNothing() throws Exception {
        var before = objects.list(RbacState.CLUSTER_ROLES, "").toString();
        authorization.bootstrap();
        assertThat(objects.list(RbacState.CLUSTER_ROLES, "")).hasToString(before);
    }

    private void bind(String kind, String role, String namespace, String subject) {
        create(RbacState.ROLE_BINDINGS, """
            {"metadata":{"namespace":"%s","name":"b"},"roleRef":{"kind":"%s","name":"%s"},"subjects":[%s]}""".formatted(namespace, kind, role, subject));
    }

    private void create(GroupResource resource, String json) {
        objects.create(resource, (ObjectNode) JsonMapper.shared().readTree(json));
    }

    private boolean may(
            UserInfo user, String verb, String group, String resource, String sub, String namespace, String name) {
        return authorization
                .authorize(user, Attributes.ofResource(verb, given(group), "v1", resource, given(sub), namespace, name))
                .allowed();
    }

    /** A dash in a table stands for nothing. */
    private static String given(String value) {
        return value.equals("-") ? "" : value;
    }
}
