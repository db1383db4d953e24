package dev.sampan.controllers.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.client.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpectationsTest {

    private static final ObjectKey KEY = new ObjectKey("default", "web");

    private Instant now = Instant.parse("2026-05-01T10:00:00Z");
    private final Expectations expectations = new Expectations(() -> now);

    @Test
    void holdUntilSeen() {
        expectations.expectCreations(KEY, 2);
        assertThat(expectations.pendingCreations(KEY)).isEqualTo(2);
        expectations.created(KEY);
        assertThat(expectations.satisfied(KEY)).isFalse();
        expectations.created(KEY);
        assertThat(expectations.satisfied(KEY)).isTrue();
    }

    @Test
    void nothingIsPendingAfterTheTimeout() {
        expectations.expectCreations(KEY, 2);
        now = now.plus(Duration.ofMinutes(5).minusMillis(1));
        assertThat(expectations.pendingCreations(KEY)).isEqualTo(2);
        now = now.plusMillis(1);
        assertThat(expectations.pendingCreations(KEY)).isZero();
        assertThat(expectations.satisfied(KEY)).isTrue();
    }

    @Test
    void aLostDeletionLivesAgainAfterTheTimeout() {
        expectations.expectDeletions(KEY, List.of("u1"));
        assertThat(expectations.isDeleting(KEY, "u1")).isTrue();
        now = now.plus(Duration.ofMinutes(5));
        assertThat(expectations.isDeleting(KEY, "u1")).isFalse();
    }
}
