package dev.sampan.apiserver.authn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.apiserver.SecurityOptions;
import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.pki.Pem;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bearer tokens of every kind, at a whole server. */
class TokensTest {

    @TempDir
    private Path temp;

    private static String token(WholeServer server, String spec) {
        return server.post("/api/v1/namespaces/team/serviceaccounts/default/token", """
                apiVersion: authentication.k8s.io/v1
                kind: TokenRequest
                spec: %s
                """.formatted(spec))
                .ok()
                .at("status.token");
    }

    private static WholeServer.Answer review(WholeServer server, String token, String audiences) {
        return server.post("/apis/authentication.k8s.io/v1/tokenreviews", """
                apiVersion: authentication.k8s.io/v1
                kind: TokenReview
                spec: {token: %s, audiences: %s}
                """.formatted(token, audiences))
                .ok();
    }

    @Test
    void whatIsLeftOutOfATokenRequestIsChosen() {
        try (var server = new WholeServer(temp)) {
            server.namespace("team");
            var path = "/api/v1/namespaces/team/serviceaccounts/default/token";
            var kind = "apiVersion: authentication.k8s.io/v1\nkind: TokenRequest\n";
            for (var spec : List.of(
                    "{}",
                    "{expirationSeconds: null, audiences: null, boundObjectRef: null}",
                    "{expirationSeconds: 0}")) {
                var answer = server.post(path, kind + "spec: " + spec).ok();
                assertThat(answer.at("spec.expirationSeconds")).isEqualTo("3600");
                assertThat(answer.at("spec.audiences.0")).isEqualTo(ServiceAccountTokens.ISSUER);
            }
            assertThat(server.post(path, kind + "spec: {expirationSeconds: 599}")
                            .refused(422)
                            .message())
                    .isEqualTo(
                            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value:"
                                    + " 599: may not specify a duration less than 10 minutes");
        }
    }

    @Test
    void reviewsLookAtAudiences() {
        try (var server = new WholeServer(temp)) {
            server.namespace("team");
            var vault = token(server, "{audiences: [vault, other]}");
            assertThat(review(server, vault, "[vault]").at("status.audiences")).isEqualTo("[\"vault\"]");
            assertThat(review(server, vault, "[]").at("status.authenticated")).isEmpty();
            assertThat(review(server, vault, "[else]").at("status.error")).contains("target audiences [else]");
            var plain = token(server, "{}");
            assertThat(review(server, plain, "[]").at("status.user.username"))
                    .isEqualTo("system:serviceaccount:team:default");
            assertThat(server.send(WholeServer.bearer(vault, "GET", "/version")).code())
                    .isEqualTo(401);
        }
    }

    @Test
    void aTokenDiesWithTheSecretItIsBoundTo() {
        try (var server = new WholeServer(temp)) {
            server.namespace("team");
            server.post("/api/v1/namespaces/team/secrets", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}")
                    .ok();
            var token = token(server, "{boundObjectRef: {kind: Secret, apiVersion: v1, name: s}}");
            assertThat(server.send(WholeServer.bearer(token, "GET", "/version")).code())
                    .isEqualTo(200);
            server.delete("/api/v1/namespaces/team/secrets/s").ok();
            assertThat(server.send(WholeServer.bearer(token, "GET", "/version")).code())
                    .isEqualTo(401);
        }
    }

    @Test
    void othersCanCheckTokensByDiscovery() throws Exception {
        try (var server = new WholeServer(temp)) {
            server.namespace("team");
            var configuration = server.get("/.well-known/openid-configuration").ok();
            assertThat(configuration.at("issuer")).isEqualTo(ServiceAccountTokens.ISSUER);
            assertThat(configuration.at("jwks_uri")).startsWith("https://").endsWith("/openid/v1/jwks");
            var keys = server.get("/openid/v1/jwks").ok();
            assertThat(keys.header("content-type")).containsExactly("application/jwk-set+json");
            var claims = new JwtConsumerBuilder()
                    .setExpectedIssuer(ServiceAccountTokens.ISSUER)
                    .setExpectedAudience("vault")
                    .setVerificationKeyResolver(new JwksVerificationKeyResolver(
                            new JsonWebKeySet(keys.body().toString()).getJsonWebKeys()))
                    .build()
                    .processToClaims(token(server, "{audiences: [vault]}"));
            assertThat(claims.getSubject()).isEqualTo("system:serviceaccount:team:default");
            assertThatThrownBy(() -> new JwtConsumerBuilder()
                            .setSkipAllValidators()
                            .setVerificationKeyResolver(
                                    new JwksVerificationKeyResolver(List.of(RsaJwkGenerator.generateJwk(2048))))
                            .build()
                            .processToClaims(token(server, "{audiences: [vault]}")))
                    .hasMessageContaining("key");
        }
    }

    @Test
    void bootstrapTokens() {
        var clock = new Instant[] {Instant.parse("2026-05-01T10:00:00Z")};
        InstantSource source = () -> clock[0];
        try (var server = new WholeServer(temp, c -> c.withClock(source))) {
            server.post("/api/v1/namespaces/kube-system/secrets", """
                    apiVersion: v1
                    kind: Secret
                    metadata: {name: bootstrap-token-abcdef}
                    type: bootstrap.kubernetes.io/token
                    stringData:
                      token-id: abcdef
                      token-secret: 0123456789abcdef
                      usage-bootstrap-authentication: "true"
                      auth-extra-groups: system:bootstrappers:kubeadm:default-node-token
                      expiration: 2026-05-01T12:00:00Z
                    """).ok();
            var review = review(server, "abcdef.0123456789abcdef", "[]");
            assertThat(review.at("status.user.username")).isEqualTo("system:bootstrap:abcdef");
            assertThat(review.at("status.user.groups"))
                    .isEqualTo("[\"system:bootstrappers\",\"system:bootstrappers:kubeadm:default-node-token\","
                            + "\"system:authenticated\"]");
            assertThat(review(server, "abcdef.0123456789abcdeX", "[]").at("status.authenticated"))
                    .isEmpty();
            clock[0] = Instant.parse("2026-05-01T12:00:00Z");
            assertThat(review(server, "abcdef.0123456789abcdef", "[]").at("status.authenticated"))
                    .isEmpty();
        }
    }

    @Test
    void theTokenFileNamesUsersAndGroups() throws Exception {
        var file = temp.resolve("tokens.csv");
        Files.writeString(file, "t0p,jane,u1,\"dev, ops\"\n\nbare,joe,u2\n");
        try (var server = new WholeServer(temp, c -> c.withSecurity(SecurityOptions.DEFAULT.withTokenFile(file)))) {
            var review = review(server, "t0p", "[]");
            assertThat(review.at("status.user.uid")).isEqualTo("u1");
            assertThat(review.at("status.user.groups")).isEqualTo("[\"dev\",\"ops\",\"system:authenticated\"]");
            assertThat(review(server, "bare", "[]").at("status.user.username")).isEqualTo("joe");
            assertThat(server.send(WholeServer.bearer("nope", "GET", "/version"))
                            .code())
                    .isEqualTo(401);
        }
        Files.writeString(file, "only-a-token\n");
        assertThatThrownBy(() -> StaticTokens.read(file)).hasMessageContaining("line 1");
    }

    /** An issuer with one key, at an address of its own. */
    private HttpsServer issuer(PkiDirectory pki, RsaJsonWebKey key) throws Exception {
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var tls =
                KeyStores.tls(pki.apiServer(List.of()), List.of(pki.clusterCa().certificate()));
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        var url = "https://127.0.0.1:" + server.getAddress().getPort();
        answer(
                server,
                "/.well-known/openid-configuration",
                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(url, url));
        answer(server, "/keys", new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
        server.start();
        return server;
    }

    private static void answer(HttpsServer server, String path, String json) {
        server.createContext(path, exchange -> {
            var body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    private static String sign(RsaJsonWebKey key, String issuer, String audience, Instant expiry) throws Exception {
        var claims = new JwtClaims();
        claims.setIssuer(issuer);
        claims.setAudience(audience);
        claims.setClaim("email", "jane@example.com");
        claims.setStringListClaim("teams", List.of("ml"));
        claims.setClaim("hd", "example.com");
        claims.setExpirationTime(NumericDate.fromMilliseconds(expiry.toEpochMilli()));
        var jws = new JsonWebSignature();
        jws.setPayload(claims.toJson());
        jws.setKey(key.getPrivateKey());
        jws.setKeyIdHeaderValue(key.getKeyId());
        jws.setAlgorithmHeaderValue("RS256");
        return jws.getCompactSerialization();
    }

    @Test
    void anOpenIdConnectIssuer() throws Exception {
        var pki = new PkiDirectory(temp.resolve("pki"), InstantSource.system());
        var ca = temp.resolve("ca.pem");
        Files.writeString(ca, Pem.encode(pki.clusterCa().certificate()));
        var key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("k1");
        var idp = issuer(pki, key);
        var url = "https://127.0.0.1:" + idp.getAddress().getPort();
        var issuer = new OidcIssuer(url, "sampan", "email", "oidc:", "teams", "g:", Map.of("hd", "example.com"), ca);
        try (var server = new WholeServer(temp.resolve("pki"), c -> with(c, issuer))) {
            var later = Instant.now().plusSeconds(600);
            var review = review(server, sign(key, url, "sampan", later), "[]");
            assertThat(review.at("status.user.username")).isEqualTo("oidc:jane@example.com");
            assertThat(review.at("status.user.groups")).isEqualTo("[\"g:ml\",\"system:authenticated\"]");
            var other = RsaJwkGenerator.generateJwk(2048);
            other.setKeyId("k1");
            assertThat(review(server, sign(other, url, "sampan", later), "[]").at("status.error"))
                    .contains("oidc: verify token");
            assertThat(review(server, sign(key, url, "else", later), "[]").at("status.error"))
                    .contains("aud");
            assertThat(review(server, sign(key, url, "sampan", Instant.now().minusSeconds(600)), "[]")
                            .at("status.error"))
                    .contains("exp");
            var none = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
            var unsigned = none + "." + sign(key, url, "sampan", later).split("\\.")[1] + ".";
            assertThat(review(server, unsigned, "[]").at("status.authenticated"))
                    .isEmpty();
        } finally {
            idp.stop(0);
        }
    }

    private static ApiServerConfig with(ApiServerConfig config, OidcIssuer issuer) {
        return config.withSecurity(SecurityOptions.DEFAULT.withOidcIssuers(List.of(issuer)));
    }
}
