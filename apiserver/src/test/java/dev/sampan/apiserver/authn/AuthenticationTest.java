package dev.sampan.apiserver.authn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authenticator.Unauthorized;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.apiserver.SubresourceHandler;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.FakeObjects;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class AuthenticationTest {

    private static final GroupResource ACCOUNTS = new GroupResource("", "serviceaccounts");
    private static final GroupResource PODS = new GroupResource("", "pods");

    @TempDir
    Path temp;

    private final FakeObjects objects = new FakeObjects();
    private Instant now = Instant.parse("2026-05-01T10:00:00Z");
    private PkiDirectory pki;
    private Authentication authentication;

    @BeforeEach
    void start() {
        pki = new PkiDirectory(temp, () -> now);
        authentication = new Authentication(
                pki.serviceAccountKey(),
                objects,
                () -> now,
                Map.of("s3cret", UserInfo.of("robot", "robots")),
                List.of());
        objects.create(ACCOUNTS, json("{\"metadata\":{\"namespace\":\"team\",\"name\":\"bot\"}}"));
        objects.create(
                PODS,
                json(
                        "{\"metadata\":{\"namespace\":\"team\",\"name\":\"web\"},\"spec\":{\"serviceAccountName\":\"bot\"}}"));
    }

    @Test
    void certificateNamesUserAndGroups() throws Exception {
        var user = authentication.authenticate(request(Map.of(), pki.admin().certificate()));
        assertThat(user.name()).isEqualTo("kubernetes-admin");
        assertThat(user.groups())
                .containsExactlyInAnyOrder("system:masters", "kubeadm:cluster-admins", "system:authenticated");
    }

    @Test
    void withoutCredentialsAnonymous() throws Exception {
        assertThat(authentication.authenticate(request(Map.of(), null))).isEqualTo(UserInfo.ANONYMOUS);
    }

    @Test
    void fixedTokens() throws Exception {
        assertThat(authentication.authenticate(bearer("s3cret")).name()).isEqualTo("robot");
        assertThatThrownBy(() -> authentication.authenticate(bearer("guess"))).isInstanceOf(Unauthorized.class);
    }

    @Test
    void serviceAccountToken() throws Exception {
        var user = authentication.authenticate(bearer(token("{}")));
        assertThat(user.name()).isEqualTo("system:serviceaccount:team:bot");
        assertThat(user.groups())
                .containsExactly("system:serviceaccounts", "system:serviceaccounts:team", "system:authenticated");
        assertThat(user.extra()).containsKey("authentication.kubernetes.io/credential-id");
    }

    @Test
    void tokensExpire() throws Exception {
        var token = token("{\"expirationSeconds\":600}");
        now = now.plus(Duration.ofSeconds(599));
        authentication.authenticate(bearer(token));
        now = now.plus(Duration.ofSeconds(2));
        assertThatThrownBy(() -> authentication.authenticate(bearer(token)))
                .isInstanceOf(Unauthorized.class)
                .hasMessageContaining("expired");
    }

    @Test
    void tokensDieWithTheirPodAndAccount() throws Exception {
        var bound = token("{\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"name\":\"web\"}}");
        var free = token("{}");
        assertThat(authentication.authenticate(bearer(bound)).extra())
                .containsEntry("authentication.kubernetes.io/pod-name", List.of("web"));
        objects.delete(PODS, "team", "web");
        assertThatThrownBy(() -> authentication.authenticate(bearer(bound))).isInstanceOf(Unauthorized.class);
        authentication.authenticate(bearer(free));
        objects.delete(ACCOUNTS, "team", "bot");
        objects.create(ACCOUNTS, json("{\"metadata\":{\"namespace\":\"team\",\"name\":\"bot\"}}"));
        assertThatThrownBy(() -> authentication.authenticate(bearer(free))).hasMessageContaining("UID");
    }

    @Test
    void forgedTokensAreRefused() {
        var token = token("{}");
        var other = new PkiDirectory(temp.resolve("other"), () -> now);
        var others = new Authentication(other.serviceAccountKey(), objects, () -> now, Map.of(), List.of());
        assertThatThrownBy(() -> others.authenticate(bearer(token))).isInstanceOf(Unauthorized.class);
        var parts = token.split("\\.");
        assertThatThrownBy(() -> authentication.authenticate(bearer(parts[0] + "." + parts[1] + ".")))
                .isInstanceOf(Unauthorized.class);
    }

    @Test
    void tokensForOthersAreNotForTheApi() {
        var token = token("{\"audiences\":[\"vault\"]}");
        assertThatThrownBy(() -> authentication.authenticate(bearer(token))).hasMessageContaining("audiences");
    }

    @Test
    void shortLivesAreRefused() {
        assertThatThrownBy(() -> token("{\"expirationSeconds\":60}"))
                .hasMessage("TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value:"
                        + " 60: may not specify a duration less than 10 minutes");
    }

    @Test
    void impersonation() {
        var admin = UserInfo.of("admin", UserInfo.MASTERS);
        var masters = new Impersonation(
                (u, a) -> u.inGroup(UserInfo.MASTERS) ? Authorizer.Decision.ALLOW : Authorizer.Decision.NO_OPINION);
        var bob = Map.of("impersonate-user", List.of("bob"), "impersonate-group", List.of("dev"));
        assertThat(masters.apply(admin, request(bob, null)).groups()).containsExactly("dev", "system:authenticated");
        var bot = Map.of("impersonate-user", List.of("system:serviceaccount:team:bot"));
        assertThat(masters.apply(admin, request(bot, null)).groups()).contains("system:serviceaccounts:team");
        assertThatThrownBy(() -> masters.apply(UserInfo.of("eve"), request(bob, null)))
                .isInstanceOf(ApiException.class)
                .hasMessage("users \"bob\" is forbidden: User \"eve\" cannot impersonate resource \"users\" in API"
                        + " group \"\" at the cluster scope");
        assertThatThrownBy(() -> masters.apply(admin, request(Map.of("impersonate-group", List.of("x")), null)))
                .hasMessageContaining("without impersonating a user");
    }

    private String token(String spec) {
        var handler = authentication.handlers().stream()
                .filter(h -> h.subresource().equals("token"))
                .findFirst()
                .orElseThrow();
        var attributes = Attributes.ofResource("create", "", "v1", "serviceaccounts", "token", "team", "bot");
        var context = new RequestContext(UserInfo.APISERVER, attributes, false, "test", objects, () -> now);
        var body = json("{\"spec\":" + spec + "}");
        var answer = (ApiResponse.Complete)
                handler.handle(new SubresourceHandler.Call(attributes, "", body, request(Map.of(), null), context));
        return JsonMapper.shared()
                .readTree(answer.body())
                .path("status")
                .path("token")
                .stringValue("");
    }

    private static ApiRequest bearer(String token) {
        return request(Map.of("authorization", List.of("Bearer " + token)), null);
    }

    private static ApiRequest request(Map<String, List<String>> headers, @Nullable X509Certificate certificate) {
        return new ApiRequest("GET", "/api", Map.of(), headers, new byte[0], null, certificate, "");
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) JsonMapper.shared().readTree(text);
    }
}
