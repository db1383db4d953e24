package dev.sampan.apiserver.certificates;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.Authorizer;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.pki.CertificateAuthority;
import dev.sampan.apiserver.pki.CertificateRequest;
import dev.sampan.apiserver.pki.Pem;
import dev.sampan.apiserver.pki.Subject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Approves the requests of nodes that may make them, signs what is approved, and removes what is old, as Kubernetes'
 * controllers do. One worker; every step starts from the stored request.
 */
public final class CertificateSigner implements AutoCloseable {

    static final GroupResource REQUESTS = new GroupResource("certificates.k8s.io", "certificatesigningrequests");

    private static final Logger LOG = LoggerFactory.getLogger(CertificateSigner.class);
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Duration SETTLED_LIFE = Duration.ofHours(1);
    private static final Duration PENDING_LIFE = Duration.ofHours(24);
    private static final Duration CLEANING = Duration.ofHours(1);

    private final Objects objects;
    private final Authorizer authorizer;
    private final Supplier<CertificateAuthority> authority;
    private final InstantSource clock;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("certificates").factory());
    private final AutoCloseable follower;

    /** @param authority signs; asked when the first request is signed */
    public CertificateSigner(
            Objects objects, Authorizer authorizer, Supplier<CertificateAuthority> authority, InstantSource clock) {
        this.objects = objects;
        this.authorizer = authorizer;
        this.authority = authority;
        this.clock = clock;
        this.follower = objects.follow(REQUESTS, (before, after) -> {
            if (after != null && !worker.isShutdown()) {
                worker.execute(() -> step(Meta.name(after)));
            }
        });
        var unused = worker.scheduleWithFixedDelay(
                this::clean, CLEANING.toMillis(), CLEANING.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void step(String name) {
        try {
            var request = objects.get(REQUESTS, "", name);
            if (request != null && Signers.known(Meta.text(request, "spec", "signerName"))) {
                step(request);
            }
        } catch (ApiException e) {
            LOG.warn("The certificate signing request {} could not be worked on: {}", name, e.getMessage());
        }
    }

    private void step(ObjectNode request) {
        boolean settled = has(request, "Denied")
                || has(request, "Failed")
                || !Meta.text(request, "status", "certificate").isEmpty();
        if (settled) {
            return;
        }
        if (has(request, "Approved")) {
            sign(request);
        } else {
            var message = approval(request);
            if (message != null) {
                condition(request, "Approved", "AutoApproved", message);
            }
        }
    }

    private static boolean has(JsonNode request, String type) {
        for (var condition : request.path("status").path("conditions")) {
            if (Meta.text(condition, "type").equals(type)) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> usages(JsonNode request) {
        var result = new HashSet<String>();
        request.path("spec").path("usages").forEach(u -> result.add(u.stringValue("")));
        return result;
    }

    private static CertificateRequest parsed(JsonNode request) throws GeneralSecurityException {
        try {
            var pem = Base64.getDecoder().decode(Meta.text(request, "spec", "request"));
            return CertificateRequest.parse(new String(pem, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("the request is not base64", e);
        }
    }

    /** Why a node's request is approved without anybody's doing; null when somebody has to decide. */
    private @Nullable String approval(ObjectNode request) {
        try {
            var wish = parsed(request);
            var signer = Meta.text(request, "spec", "signerName");
            if (!signer.equals(Signers.NODE_CLIENT) || Signers.problem(signer, wish, usages(request)) != null) {
                return null;
            }
            var self = wish.commonName().equals(Meta.text(request, "spec", "username"));
            var resource = self ? "selfnodeclient" : "nodeclient";
            var attributes =
                    Attributes.ofResource("create", REQUESTS.group(), "*", REQUESTS.resource(), resource, "", "");
            if (!authorizer.authorize(requester(request), attributes).allowed()) {
                return null;
            }
            return self
                    ? "Auto approving self kubelet client certificate after SubjectAccessReview."
                    : "Auto approving kubelet client certificate after SubjectAccessReview.";
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private static UserInfo requester(JsonNode request) {
        var spec = request.path("spec");
        var groups = new ArrayList<String>();
        spec.path("groups").forEach(g -> groups.add(g.stringValue("")));
        var extra = new LinkedHashMap<String, List<String>>();
        for (var entry : spec.path("extra").properties()) {
            var values = new ArrayList<String>();
            entry.getValue().forEach(v -> values.add(v.stringValue("")));
            extra.put(entry.getKey(), values);
        }
        return new UserInfo(Meta.text(spec, "username"), Meta.text(spec, "uid"), groups, Map.copyOf(extra));
    }

    private void sign(ObjectNode request) {
        try {
            var wish = parsed(request);
            var usages = usages(request);
            var problem = Signers.problem(Meta.text(request, "spec", "signerName"), wish, usages);
            if (problem != null) {
                condition(request, "Failed", "SignerValidationFailed", problem);
                return;
            }
            var ca = authority.get();
            var usage = usages.contains("server auth") ? Subject.Usage.SERVER : Subject.Usage.CLIENT;
            var subject = new Subject(wish.commonName(), wish.organizations(), wish.hosts(), List.of(usage));
            var certificate = ca.certify(subject, wish.key(), clock.instant(), validity(request, ca));
            var pem = Pem.encode(certificate).getBytes(StandardCharsets.UTF_8);
            objects.modify(REQUESTS, "", Meta.name(request), latest -> {
                latest.withObject("/status")
                        .put("certificate", Base64.getEncoder().encodeToString(pem));
                return latest;
            });
        } catch (GeneralSecurityException e) {
            condition(request, "Failed", "SignerValidationFailed", String.valueOf(e.getMessage()));
        }
    }

    /** As long as was asked for, a year at most, never longer than the authority's own. */
    private Duration validity(JsonNode request, CertificateAuthority ca) {
        var asked = request.path("spec").path("expirationSeconds");
        var wanted = asked.isNumber() ? Duration.ofSeconds(asked.longValue(0)) : LONGEST;
        var longest =
                Duration.between(clock.instant(), ca.certificate().getNotAfter().toInstant());
        var shorter = wanted.compareTo(LONGEST) < 0 ? wanted : LONGEST;
        return shorter.compareTo(longest) < 0 ? shorter : longest;
    }

    private void condition(ObjectNode request, String type, String reason, String message) {
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        objects.modify(REQUESTS, "", Meta.name(request), latest -> {
            latest.withObject("/status")
                    .withArray("conditions")
                    .addObject()
                    .put("type", type)
                    .put("status", "True")
                    .put("reason", reason)
                    .put("message", message)
                    .put("lastUpdateTime", now)
                    .put("lastTransitionTime", now);
            return latest;
        });
    }

    /** Removes requests that were decided an hour, or made a day ago. */
    void clean() {
        for (var request : objects.list(REQUESTS, "")) {
            boolean settled = !Meta.text(request, "status", "certificate").isEmpty()
                    || has(request, "Denied")
                    || has(request, "Failed");
            var life = settled ? SETTLED_LIFE : PENDING_LIFE;
            var made = Instant.parse(Meta.text(request, "metadata", "creationTimestamp"));
            if (made.plus(life).isBefore(clock.instant())) {
                objects.delete(REQUESTS, "", Meta.name(request));
            }
        }
    }

    @Override
    public void close() throws Exception {
        follower.close();
        worker.shutdownNow();
    }
}
