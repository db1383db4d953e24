package dev.sampan.apiserver.crd;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.webhook.Unanswered;
import dev.sampan.apiserver.webhook.WebhookClient;
import dev.sampan.schema.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Asks a definition's webhook to convert objects, in ConversionReviews of {@code apiextensions.k8s.io/v1}. Immutable. */
final class ConversionWebhook {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String API_VERSION = "apiextensions.k8s.io/v1";

    private final JsonNode config;
    private final Objects objects;

    /** @param config {@code clientConfig} of the definition's conversion */
    ConversionWebhook(JsonNode config, Objects objects) {
        this.config = config;
        this.objects = objects;
    }

    /**
     * The objects in another version, in the same order; metadata other than labels and annotations stays as it was.
     *
     * @throws ApiException 500 when the webhook does not answer, refuses, or answers something else
     */
    List<ObjectNode> convert(List<ObjectNode> originals, GroupVersionKind wanted) {
        try {
            var uid = UUID.randomUUID().toString();
            var review = review(originals, wanted, uid).toString().getBytes(StandardCharsets.UTF_8);
            var answer = WebhookClient.of(config).call(objects, review, TIMEOUT);
            return converted(originals, wanted, response(answer, uid));
        } catch (Unanswered e) {
            var kind = GroupVersionKind.parse(
                    originals.getFirst().path("apiVersion").asString(""),
                    originals.getFirst().path("kind").asString(""));
            throw ApiException.internal("conversion webhook for %s, Kind=%s failed: %s"
                    .formatted(kind.apiVersion(), kind.kind(), e.getMessage()));
        }
    }

    private static ObjectNode review(List<ObjectNode> originals, GroupVersionKind wanted, String uid) {
        var review = JsonNodeFactory.instance.objectNode();
        review.put("kind", "ConversionReview").put("apiVersion", API_VERSION);
        var request = review.putObject("request").put("uid", uid).put("desiredAPIVersion", wanted.apiVersion());
        originals.forEach(request.putArray("objects")::add);
        return review;
    }

    private static JsonNode response(JsonNode answer, String uid) throws Unanswered {
        var version = answer.path("apiVersion").asString("");
        var kind = answer.path("kind").asString("");
        if (!version.equals(API_VERSION) || !kind.equals("ConversionReview")) {
            throw new Unanswered("expected webhook response of %s, Kind=ConversionReview, got %s, Kind=%s"
                    .formatted(API_VERSION, version, kind));
        }
        var response = answer.path("response");
        if (!response.path("uid").asString("").equals(uid)) {
            throw new Unanswered("expected response.uid=\"%s\", got \"%s\""
                    .formatted(uid, response.path("uid").asString("")));
        }
        var result = response.path("result");
        if (!result.path("status").asString("").equals("Success")) {
            var message = result.path("message").asString("");
            throw new Unanswered(message.isEmpty() ? "no reason was given" : message);
        }
        return response.path("convertedObjects");
    }

    private static List<ObjectNode> converted(List<ObjectNode> originals, GroupVersionKind wanted, JsonNode answers)
            throws Unanswered {
        if (answers.size() != originals.size()) {
            throw new Unanswered(
                    "webhook returned %d objects, expected %d".formatted(answers.size(), originals.size()));
        }
        var result = new ArrayList<ObjectNode>();
        for (int i = 0; i < originals.size(); i++) {
            result.add(checked(originals.get(i), answers.get(i), wanted, i));
        }
        return result;
    }

    private static ObjectNode checked(ObjectNode original, JsonNode answer, GroupVersionKind wanted, int index)
            throws Unanswered {
        if (!(answer instanceof ObjectNode object)
                || !object.path("apiVersion").asString("").equals(wanted.apiVersion())
                || !object.path("kind").asString("").equals(wanted.kind())) {
            throw new Unanswered(
                    "webhook returned invalid converted object at index %d: invalid groupVersion or kind (expected %s, Kind=%s, received %s, Kind=%s)"
                            .formatted(
                                    index,
                                    wanted.apiVersion(),
                                    wanted.kind(),
                                    answer.path("apiVersion").asString(""),
                                    answer.path("kind").asString("")));
        }
        var metadata = object.path("metadata");
        for (var field : new String[] {"name", "namespace", "uid"}) {
            var before = original.path("metadata").path(field).asString("");
            if (!metadata.path(field).asString("").equals(before)) {
                throw new Unanswered("webhook returned invalid metadata at index %d: must have the same %s: %s != %s"
                        .formatted(index, field, metadata.path(field).asString(""), before));
            }
        }
        var kept = (ObjectNode) original.path("metadata").deepCopy();
        for (var field : new String[] {"labels", "annotations"}) {
            kept.remove(field);
            if (metadata.path(field).isObject()) {
                kept.set(field, metadata.get(field));
            }
        }
        object.set("metadata", kept);
        return object;
    }
}
