package dev.sampan.apiserver.kinds;

import dev.sampan.schema.FieldError;
import java.net.URI;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code clientConfig}: where a webhook is. */
public final class WebhookClientRules {

    private WebhookClientRules() {}

    /** A webhook's service listens on 443 unless the {@code clientConfig} says otherwise. */
    public static void setDefaults(JsonNode clientConfig) {
        if (clientConfig.path("service") instanceof ObjectNode service && !service.has("port")) {
            service.put("port", 443);
        }
    }

    /** @param path where the {@code clientConfig} stands in its object */
    public static List<FieldError> validate(JsonNode clientConfig, String path) {
        var errors = new Errors();
        check(errors, new Field(path, clientConfig));
        return errors.list();
    }

    static void check(Errors errors, Field client) {
        if (client.has("url") == client.has("service")) {
            errors.required(client, "exactly one of url or service is required");
        }
        if (client.has("url")) {
            url(errors, client.at("url"));
        }
        if (client.has("service")) {
            var service = client.at("service");
            if (service.text("name").isEmpty()) {
                errors.required(service.at("name"), "service name is required");
            }
            if (service.text("namespace").isEmpty()) {
                errors.required(service.at("namespace"), "service namespace is required");
            }
            errors.port(service.at("port"));
            var path = service.text("path");
            if (!path.isEmpty() && !path.startsWith("/")) {
                errors.invalid(service.at("path"), "must start with a '/'");
            }
        }
    }

    private static void url(Errors errors, Field url) {
        var form = "; desired format: https://host[/path]";
        try {
            var parsed = URI.create(url.text());
            if (!"https".equals(parsed.getScheme())) {
                errors.invalid(url, "'https' is the only allowed URL scheme" + form);
            }
            if (parsed.getHost() == null) {
                errors.invalid(url, "host must be specified" + form);
            }
            if (parsed.getUserInfo() != null) {
                errors.invalid(url, "user information is not permitted in the URL");
            }
            if (parsed.getFragment() != null) {
                errors.invalid(url, "fragments are not permitted in the URL");
            }
            if (parsed.getQuery() != null) {
                errors.invalid(url, "query parameters are not permitted in the URL");
            }
        } catch (IllegalArgumentException e) {
            errors.required(url, "url must be a valid URL: " + e.getMessage() + form);
        }
    }
}
