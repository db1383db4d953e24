package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Secrets. */
final class SecretRules implements KindRules {

    private static final String PREFIX = "kubernetes.io/";

    /** {@code stringData} is only a way of writing {@code data}. */
    @Override
    public void setDefaults(ObjectNode secret) {
        Defaults.text(secret, "type", "Opaque");
        if (secret.path("stringData") instanceof ObjectNode strings) {
            var data = Defaults.object(secret, "data");
            for (var entry : strings.properties()) {
                var bytes = entry.getValue().stringValue("").getBytes(StandardCharsets.UTF_8);
                data.put(entry.getKey(), Base64.getEncoder().encodeToString(bytes));
            }
        }
        secret.remove("stringData");
    }

    @Override
    public List<FieldError> validate(ObjectNode secret) {
        var errors = new Errors();
        var data = Field.of(secret, "data");
        long size = 0;
        for (var entry : data.value().properties()) {
            ConfigMapRules.key(errors, data, entry.getKey());
            size += entry.getValue().stringValue("").length() * 3L / 4;
        }
        if (size > ConfigMapRules.MAX_BYTES) {
            errors.add(FieldError.tooLong("data", ConfigMapRules.MAX_BYTES));
        }
        switch (Meta.text(secret, "type")) {
            case PREFIX + "service-account-token" -> {
                var annotation = PREFIX + "service-account.name";
                if (Meta.annotations(secret).getOrDefault(annotation, "").isEmpty()) {
                    errors.required(
                            Field.of(secret, "metadata").at("annotations").key(annotation), "");
                }
            }
            case PREFIX + "dockercfg" -> json(errors, data.key(".dockercfg"));
            case PREFIX + "dockerconfigjson" -> json(errors, data.key(".dockerconfigjson"));
            case PREFIX + "basic-auth" -> {
                if (!data.value().has("username") && !data.value().has("password")) {
                    errors.required(data.key("username"), "");
                    errors.required(data.key("password"), "");
                }
            }
            case PREFIX + "ssh-auth" -> required(errors, data.key("ssh-privatekey"));
            case PREFIX + "tls" -> {
                present(errors, data.key("tls.crt"));
                present(errors, data.key("tls.key"));
            }
            default -> {}
        }
        return errors.list();
    }

    private static void required(Errors errors, Field value) {
        if (value.text().isEmpty()) {
            errors.required(value, "");
        }
    }

    private static void present(Errors errors, Field value) {
        if (!value.present()) {
            errors.required(value, "");
        }
    }

    private static void json(Errors errors, Field value) {
        if (!value.present()) {
            errors.required(value, "");
            return;
        }
        try {
            JsonMapper.shared().readTree(Base64.getMimeDecoder().decode(value.text()));
        } catch (JacksonException | IllegalArgumentException e) {
            errors.invalid(value, "<secret contents redacted>", "invalid character in JSON");
        }
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode secret, ObjectNode old) {
        var errors = new Errors();
        errors.immutable(Field.of(secret, "type"), Field.of(old, "type"));
        ConfigMapRules.frozen(secret, old, "data").forEach(errors::add);
        return errors.list();
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode secret) {
        return Map.of("type", Meta.text(secret, "type"));
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("type");
    }
}
