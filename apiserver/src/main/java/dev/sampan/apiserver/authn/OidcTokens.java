package dev.sampan.apiserver.authn;

import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.pki.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jose4j.http.Get;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Tokens of one OpenID Connect issuer. Its keys are fetched on first use and again when a token names an unknown one. */
final class OidcTokens implements TokenSource {

    private static final AlgorithmConstraints ALGORITHMS = new AlgorithmConstraints(
            ConstraintType.PERMIT,
            AlgorithmIdentifiers.RSA_USING_SHA256,
            AlgorithmIdentifiers.RSA_USING_SHA384,
            AlgorithmIdentifiers.RSA_USING_SHA512,
            AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
            AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384,
            AlgorithmIdentifiers.ECDSA_USING_P521_CURVE_AND_SHA512,
            AlgorithmIdentifiers.RSA_PSS_USING_SHA256);

    private final OidcIssuer issuer;
    private final InstantSource clock;
    private @Nullable HttpsJwksVerificationKeyResolver keys;

    OidcTokens(OidcIssuer issuer, InstantSource clock) {
        this.issuer = issuer;
        this.clock = clock;
    }

    @Override
    public @Nullable Verified verify(String token, List<String> audiences) throws Refused {
        var claimed = Jwt.peek(token);
        if (claimed == null || !Meta.text(claimed, "iss").equals(issuer.url())) {
            return null;
        }
        try {
            return TokenSource.forServer(user(consumer().processToClaims(token)), audiences);
        } catch (InvalidJwtException e) {
            throw new Refused("oidc: verify token: " + e.getErrorDetails());
        } catch (IOException | UncheckedIOException | JacksonException | GeneralSecurityException e) {
            throw new Refused("oidc: authenticator for issuer \"%s\" is not initialized: %s"
                    .formatted(issuer.url(), e.getMessage()));
        }
    }

    private JwtConsumer consumer() throws IOException, GeneralSecurityException {
        return new JwtConsumerBuilder()
                .setExpectedIssuer(issuer.url())
                .setExpectedAudience(issuer.clientId())
                .setRequireExpirationTime()
                .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()))
                .setJwsAlgorithmConstraints(ALGORITHMS)
                .setVerificationKeyResolver(keys())
                .build();
    }

    private synchronized HttpsJwksVerificationKeyResolver keys() throws IOException, GeneralSecurityException {
        if (keys == null) {
            var http = new Get();
            if (issuer.caFile() != null) {
                http.setTrustedCertificates(Pem.certificates(Files.readString(issuer.caFile())));
            }
            var discovery = http.get(issuer.url().replaceFirst("/$", "") + "/.well-known/openid-configuration");
            var document = JsonMapper.shared().readTree(discovery.getBody());
            if (!Meta.text(document, "issuer").equals(issuer.url())) {
                throw new IOException(
                        "the discovery document names the issuer \"%s\"".formatted(Meta.text(document, "issuer")));
            }
            var jwks = new HttpsJwks(Meta.text(document, "jwks_uri"));
            jwks.setSimpleHttpGet(http);
            keys = new HttpsJwksVerificationKeyResolver(jwks);
        }
        return keys;
    }

    private UserInfo user(JwtClaims claims) throws Refused {
        for (var required : issuer.requiredClaims().entrySet()) {
            if (!required.getValue().equals(claims.getClaimValue(required.getKey()))) {
                throw new Refused("oidc: required claim %s not present in ID token or of another value"
                        .formatted(required.getKey()));
            }
        }
        if (!(claims.getClaimValue(issuer.usernameClaim()) instanceof String name) || name.isEmpty()) {
            throw new Refused(
                    "oidc: parse username claims \"%s\": claim not present".formatted(issuer.usernameClaim()));
        }
        if (issuer.usernameClaim().equals("email") && Boolean.FALSE.equals(claims.getClaimValue("email_verified"))) {
            throw new Refused("oidc: email not verified");
        }
        var groups = new ArrayList<String>();
        if (!issuer.groupsClaim().isEmpty()) {
            strings(claims.getClaimValue(issuer.groupsClaim())).forEach(g -> groups.add(issuer.groupsPrefix() + g));
        }
        groups.add(UserInfo.ALL_AUTHENTICATED);
        return new UserInfo(issuer.effectivePrefix() + name, "", groups, Map.of());
    }

    private static List<String> strings(@Nullable Object claim) {
        return switch (claim) {
            case String s -> List.of(s);
            case List<?> list ->
                list.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .toList();
            case null, default -> List.of();
        };
    }
}
