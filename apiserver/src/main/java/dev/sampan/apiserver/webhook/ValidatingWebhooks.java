package dev.sampan.apiserver.webhook;

import dev.sampan.apiserver.AdmissionMetrics;
import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.webhook.Review.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Webhooks that may refuse a request: all are asked at once, the first in order that refuses is heard. */
public final class ValidatingWebhooks implements AdmissionPlugin, AutoCloseable {

    private final WebhookIndex index;
    private final Authorizer authorizer;
    private final AdmissionMetrics metrics;

    public ValidatingWebhooks(Objects objects, Authorizer authorizer, AdmissionMetrics metrics) {
        this.index = new WebhookIndex(objects, "validating");
        this.authorizer = authorizer;
        this.metrics = metrics;
    }

    private record Asked(Webhook webhook, FutureTask<Verdict> answer) {}

    @Override
    public void validate(AdmissionRequest request) {
        var webhooks = index.all();
        if (webhooks.isEmpty()) {
            return;
        }
        var gate = new Gate(request, authorizer);
        var asked = new ArrayList<Asked>();
        for (var webhook : webhooks) {
            var seen = gate.admit(webhook);
            if (seen != null) {
                asked.add(new Asked(webhook, start(() -> new Review(webhook, false).ask(seen, metrics))));
            }
        }
        report(asked, request);
    }

    private static FutureTask<Verdict> start(Callable<Verdict> call) {
        var task = new FutureTask<>(call);
        Thread.ofVirtual().name("webhook").start(task);
        return task;
    }

    private static void report(List<Asked> asked, AdmissionRequest request) {
        ApiException refusal = null;
        for (int i = 0; i < asked.size(); i++) {
            try {
                report(asked.get(i), i, request);
            } catch (ApiException e) {
                refusal = refusal == null ? e : refusal;
            }
        }
        if (refusal != null) {
            throw refusal;
        }
    }

    private static void report(Asked one, int position, AdmissionRequest request) {
        var webhook = one.webhook();
        try {
            var verdict = one.answer().get();
            verdict.warnings().forEach(request.context()::warn);
            verdict.annotations()
                    .forEach((key, value) -> request.context().annotate(webhook.name() + "/" + key, value));
            if (verdict.refusal() != null) {
                throw new ApiException(verdict.refusal());
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof Unanswered)) {
                throw new IllegalStateException("calling webhook " + webhook.name(), e.getCause());
            }
            Gate.unanswered(webhook, String.valueOf(e.getCause().getMessage()));
            request.context()
                    .annotate(
                            "failed-open.validating.webhook.admission.k8s.io/round_0_index_" + position,
                            webhook.name());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.unavailable("the server is shutting down");
        }
    }

    @Override
    public void close() throws Exception {
        index.close();
    }
}
