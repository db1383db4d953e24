package dev.sampan.apiserver.webhook;

import dev.sampan.apiserver.AdmissionMetrics;
import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.policy.Versions;
import dev.sampan.schema.patch.JsonPatch;
import dev.sampan.schema.patch.PatchException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Webhooks that may change an object: one after the other, in the order of names; once more those that want to see the end. */
public final class MutatingWebhooks implements AdmissionPlugin, AutoCloseable {

    private final WebhookIndex index;
    private final Authorizer authorizer;
    private final AdmissionMetrics metrics;

    public MutatingWebhooks(Objects objects, Authorizer authorizer, AdmissionMetrics metrics) {
        this.index = new WebhookIndex(objects, "mutating");
        this.authorizer = authorizer;
        this.metrics = metrics;
    }

    @Override
    public void mutate(AdmissionRequest request) {
        var webhooks = index.all();
        if (webhooks.isEmpty()) {
            return;
        }
        var first = new Round(request, 0);
        first.run(webhooks);
        var again = webhooks.stream().filter(first.outdated::contains).toList();
        if (!again.isEmpty()) {
            new Round(request, 1).run(again);
        }
    }

    /** One pass. */
    private final class Round {
        private final AdmissionRequest request;
        private final int number;
        private final Gate gate;
        private final Set<Webhook> asked = new HashSet<>();
        private final Set<Webhook> outdated = new HashSet<>();

        Round(AdmissionRequest request, int number) {
            this.request = request;
            this.number = number;
            this.gate = new Gate(request, authorizer);
        }

        void run(List<Webhook> webhooks) {
            for (int i = 0; i < webhooks.size(); i++) {
                var seen = gate.admit(webhooks.get(i));
                if (seen != null) {
                    ask(webhooks.get(i), seen, i);
                }
            }
        }

        private void ask(Webhook webhook, AdmissionRequest seen, int position) {
            var place = "round_%d_index_%d".formatted(number, position);
            try {
                var verdict = new Review(webhook, true).ask(seen, metrics);
                verdict.warnings().forEach(request.context()::warn);
                verdict.annotations()
                        .forEach((key, value) -> request.context().annotate(webhook.name() + "/" + key, value));
                if (verdict.refusal() != null) {
                    throw new ApiException(verdict.refusal());
                }
                boolean changed = apply(webhook, seen, verdict.patch());
                note(webhook, place, changed);
                if (changed) {
                    outdated.addAll(asked);
                    gate.forget();
                }
                if (webhook.again()) {
                    asked.add(webhook);
                }
            } catch (Unanswered e) {
                var why = String.valueOf(e.getMessage());
                Gate.unanswered(webhook, why);
                request.context().annotate("failed-open.mutating.webhook.admission.k8s.io/" + place, webhook.name());
            }
        }

        private void note(Webhook webhook, String place, boolean changed) {
            var note = JsonNodeFactory.instance.objectNode();
            note.put("configuration", webhook.configuration())
                    .put("webhook", webhook.name())
                    .put("mutated", changed);
            request.context().annotate("mutation.webhook.admission.k8s.io/" + place, note.toString());
        }

        private boolean apply(Webhook webhook, AdmissionRequest seen, @Nullable JsonNode patch) {
            var object = seen.object();
            if (patch == null) {
                return false;
            }
            if (object == null || request.object() == null) {
                throw ApiException.internal(
                        "admission webhook \"%s\" attempted to modify the object, which is not supported for this operation"
                                .formatted(webhook.name()));
            }
            try {
                var before = request.object().deepCopy();
                if (!(JsonPatch.apply(object.deepCopy(), patch) instanceof ObjectNode after)) {
                    throw ApiException.internal(
                            "the patch of admission webhook \"%s\" leaves no object".formatted(webhook.name()));
                }
                object.removeAll();
                object.setAll(after.deepCopy());
                Versions.giveBack(seen, request);
                return !request.object().equals(before);
            } catch (PatchException e) {
                throw ApiException.internal(String.valueOf(e.getMessage()));
            }
        }
    }

    @Override
    public void close() throws Exception {
        index.close();
    }
}
