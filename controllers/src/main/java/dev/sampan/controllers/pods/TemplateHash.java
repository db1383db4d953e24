package dev.sampan.controllers.pods;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Names and compares pod templates by content. The hash is 32-bit FNV-1a over canonical JSON, written in the alphabet of
 * Kubernetes' {@code SafeEncodeString}, which cannot spell words. Values differ from upstream's, which hashes Go's memory
 * layout; only stability matters.
 */
public final class TemplateHash {

    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
    private static final String HASH_LABEL = "pod-template-hash";

    private final KubernetesSerialization json;

    public TemplateHash(KubernetesSerialization json) {
        this.json = json;
    }

    /** @param collisions raised when another object already has the hash's name */
    public String of(PodTemplateSpec template, @Nullable Integer collisions) {
        return encode(fnv(canonical(template), collisions));
    }

    /** The same for any object, such as the parts of a StatefulSet that a revision records. */
    public String of(Object value, @Nullable Integer collisions) {
        return encode(fnv(canonical(value), collisions));
    }

    /** Whether two templates ask for the same pods; the pod-template-hash label does not count. */
    public boolean same(PodTemplateSpec left, PodTemplateSpec right) {
        return Objects.equals(left, right) || canonical(withoutHash(left)).equals(canonical(withoutHash(right)));
    }

    private static PodTemplateSpec withoutHash(PodTemplateSpec template) {
        if (template.getMetadata() == null || template.getMetadata().getLabels() == null) {
            return template;
        }
        return new PodTemplateSpecBuilder(template)
                .editMetadata()
                .removeFromLabels(HASH_LABEL)
                .endMetadata()
                .build();
    }

    private String canonical(Object value) {
        return json.asJson(sorted(json.convertValue(value, JsonNode.class)));
    }

    /** Maps ordered by key; nulls and empty collections left out, since the API does not tell them from absent ones. */
    private static Object sorted(JsonNode node) {
        if (node.isArray()) {
            return node.valueStream().map(TemplateHash::sorted).toList();
        }
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        Map<String, Object> fields = new TreeMap<>();
        object.properties().forEach(field -> {
            var value = field.getValue();
            if (!value.isNull()
                    && !(value.isArray() && value.isEmpty())
                    && !"creationTimestamp".equals(field.getKey())) {
                fields.put(field.getKey(), sorted(value));
            }
        });
        return fields;
    }

    private static int fnv(String text, @Nullable Integer collisions) {
        int hash = 0x811c9dc5;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x01000193;
        }
        for (int shift = 0; collisions != null && shift < 32; shift += 8) {
            hash = (hash ^ ((collisions >>> shift) & 0xff)) * 0x01000193;
        }
        return hash;
    }

    private static String encode(int hash) {
        var text = new StringBuilder();
        for (char digit : Integer.toUnsignedString(hash).toCharArray()) {
            text.append(ALPHABET.charAt(digit % ALPHABET.length()));
        }
        return text.toString();
    }
}
