package dev.sampan.client;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The lease of an election as this process last saw it. One thread. */
final class LeaseRecord {

    private final LeaderElection.Config config;
    private final Resource<Lease> resource;
    private final KubernetesClient client;
    private LeaseSpec seen = new LeaseSpec();
    private Instant changed = Instant.MIN;

    LeaseRecord(KubernetesClient client, LeaderElection.Config config) {
        this.client = client;
        this.config = config;
        this.resource = client.leases().inNamespace(config.namespace()).withName(config.name());
    }

    /** Looks at it; null when there is none yet. */
    @Nullable
    Lease read(Instant now) {
        var lease = resource.get();
        see(lease, now);
        return lease;
    }

    private void see(@Nullable Lease lease, Instant now) {
        var spec = lease == null ? new LeaseSpec() : lease.getSpec();
        if (!spec.equals(seen)) {
            seen = spec;
            changed = now;
        }
    }

    boolean isOurs() {
        return config.identity().equals(seen.getHolderIdentity());
    }

    String holder() {
        return Objects.requireNonNullElse(seen.getHolderIdentity(), "nobody");
    }

    /** Whether its holder may still rely on it. */
    boolean isValid(Instant now) {
        if (seen.getHolderIdentity() == null || seen.getHolderIdentity().isEmpty()) {
            return false;
        }
        var duration = seen.getLeaseDurationSeconds() == null
                ? config.leaseDuration()
                : Duration.ofSeconds(seen.getLeaseDurationSeconds());
        return changed.plus(duration).isAfter(now);
    }

    /**
     * Writes it with this process as its holder.
     *
     * @param found what was read; the write fails with a conflict if it has changed since
     */
    void take(@Nullable Lease found, Instant now) {
        var spec = new LeaseSpecBuilder(seen)
                .withHolderIdentity(config.identity())
                .withLeaseDurationSeconds((int) config.leaseDuration().toSeconds())
                .withRenewTime(micros(now));
        if (!isOurs()) {
            spec.withAcquireTime(micros(now)).withLeaseTransitions(found == null ? 0 : transitions() + 1);
        }
        write(found, spec.build(), now);
    }

    private int transitions() {
        return seen.getLeaseTransitions() == null ? 0 : seen.getLeaseTransitions();
    }

    private void write(@Nullable Lease found, LeaseSpec spec, Instant now) {
        var lease = found == null
                ? new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(config.namespace())
                        .withName(config.name())
                        .endMetadata()
                        .withSpec(spec)
                        .build()
                : new LeaseBuilder(found).withSpec(spec).build();
        var request = client.resource(lease);
        see(found == null ? request.create() : request.update(), now);
    }

    /** Takes this process's name off it, if that is on it. */
    void release(Instant now) {
        if (!isOurs()) {
            return;
        }
        var found = read(now);
        if (found != null && isOurs()) {
            var spec = new LeaseSpecBuilder(seen)
                    .withHolderIdentity(null)
                    .withLeaseDurationSeconds(1)
                    .withRenewTime(micros(now))
                    .build();
            write(found, spec, now);
        }
    }

    private static ZonedDateTime micros(Instant time) {
        return time.atZone(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    }
}
