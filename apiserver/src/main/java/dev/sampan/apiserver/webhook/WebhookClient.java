package dev.sampan.apiserver.webhook;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.proxy.Upstream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Posts reviews to the webhook of a {@code clientConfig}. Immutable.
 *
 * @param config {@code url} or {@code service}
 */
public record WebhookClient(JsonNode config, SSLSocketFactory tls) {

    /** @throws Unanswered when the bundle of authorities cannot be used */
    public static WebhookClient of(JsonNode config) throws Unanswered {
        try {
            var bundle = Base64.getDecoder().decode(Meta.text(config, "caBundle"));
            return new WebhookClient(config, KeyStores.trustingOnly(bundle));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Unanswered("could not get REST client: " + e.getMessage());
        }
    }

    /** @throws Unanswered when there is no answer, it is no success, or it is not JSON */
    public JsonNode call(Objects objects, byte[] body, Duration timeout) throws Unanswered {
        var url = url();
        var uri = URI.create(url);
        var path = (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath()) + "?timeout=" + timeout.toSeconds() + "s";
        try {
            var headers = Map.of(
                    "content-type", List.of("application/json"),
                    "accept", List.of("application/json"),
                    "user-agent", List.of("kube-apiserver-admission"));
            var answer = upstream(objects, uri).call("POST", path, headers, body, timeout);
            if (answer.status() / 100 != 2) {
                throw new Unanswered("failed to call webhook: " + failure(answer));
            }
            return JsonMapper.shared().readTree(answer.body());
        } catch (IOException | ApiException e) {
            throw new Unanswered("failed to call webhook: Post \"%s?timeout=%ds\": %s"
                    .formatted(url, timeout.toSeconds(), e.getMessage()));
        } catch (JacksonException e) {
            throw new Unanswered("received invalid webhook response: " + e.getOriginalMessage());
        }
    }

    private Upstream upstream(Objects objects, URI uri) {
        var service = config.path("service");
        if (!service.isObject()) {
            return Upstream.of(uri, tls);
        }
        int port = service.path("port").intValue(443);
        return Upstream.ofService(
                objects, Meta.text(service, "namespace"), Meta.text(service, "name"), port, tls, true);
    }

    private String url() {
        var service = config.path("service");
        return service.isObject()
                ? "https://%s.%s.svc:%d%s"
                        .formatted(
                                Meta.text(service, "name"),
                                Meta.text(service, "namespace"),
                                service.path("port").intValue(443),
                                Meta.text(service, "path").isEmpty() ? "/" : Meta.text(service, "path"))
                : Meta.text(config, "url");
    }

    private static String failure(Upstream.Answer answer) {
        var text = new String(answer.body(), StandardCharsets.UTF_8).strip();
        return switch (answer.status()) {
            case 404 -> "the server could not find the requested resource";
            case 401 -> "the server has asked for the client to provide credentials";
            case 403 -> "forbidden";
            default ->
                "an error on the server (\"%s\") has prevented the request from succeeding"
                        .formatted(text.isEmpty() ? "unknown" : text);
        };
    }
}
