package dev.sampan.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sampan.client.testing.FaultyApi;
import dev.sampan.client.testing.ManualTimers;
import dev.sampan.client.testing.TestApi;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Candidates with a clock each, which a test advances together; one whose clock stands still is dead. */
@Timeout(60)
class LeaderElectionTest {

    private static final Duration STEP = Duration.ofMillis(100);

    private final TestApi api = TestApi.start();
    private final List<Candidate> alive = new ArrayList<>();

    @AfterEach
    void close() {
        api.close();
    }

    /** A process that competes, and counts how often it began and stopped working. */
    private final class Candidate {

        private final ManualTimers clock;
        private final FaultyApi path;
        private final LeaderElection election;
        private int begun;
        private int stopped;
        private boolean broken;
        private LeaderElection.Term term = () -> false;

        Candidate(String name, Instant clockStart, Executor rounds) {
            this.clock = new ManualTimers(clockStart);
            var wrapped = new FaultyApi[1];
            KubernetesClient client = api.admin(direct -> wrapped[0] = new FaultyApi(direct));
            this.path = wrapped[0];
            this.election = new LeaderElection(
                    client,
                    LeaderElection.Config.of("work", name),
                    clock,
                    this::work,
                    new SplittableRandom(name.hashCode()),
                    rounds,
                    Runnable::run);
        }

        private AutoCloseable work(LeaderElection.Term given) {
            if (broken) {
                throw new IllegalStateException("deliberate");
            }
            term = given;
            begun++;
            return () -> stopped++;
        }

        boolean works() {
            return begun > stopped;
        }

        Candidate start() {
            alive.add(this);
            election.start();
            return this;
        }

        /** As SIGKILL: nothing of it runs any more. */
        void kill() {
            alive.remove(this);
        }
    }

    private Candidate candidate(String name) {
        return new Candidate(name, Instant.parse("2026-01-01T00:00:00Z"), Runnable::run);
    }

    private LeaseSpec lease() {
        return api.admin()
                .leases()
                .inNamespace("kube-system")
                .withName("work")
                .get()
                .getSpec();
    }

    /** Never do two work at the same time. */
    private void pass(Duration time) {
        for (var passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(STEP)) {
            List.copyOf(alive).forEach(each -> each.clock.advance(STEP));
            assertThat(alive.stream().filter(Candidate::works).count()).isLessThan(2);
        }
    }

    private Duration passUntilWorks(Candidate candidate, Duration atMost) {
        for (var passed = Duration.ZERO; ; passed = passed.plus(STEP)) {
            if (candidate.works()) {
                return passed;
            }
            assertThat(passed).isLessThan(atMost);
            pass(STEP);
        }
    }

    @Test
    void theFirstLeadsAndWritesKubernetesRecord() {
        var one = candidate("one").start();
        assertThat(one.works()).isTrue();
        assertThat(one.election.isLeading()).isTrue();
        pass(Duration.ofSeconds(4));
        var record = lease();
        assertThat(record.getHolderIdentity()).isEqualTo("one");
        assertThat(record.getLeaseDurationSeconds()).isEqualTo(15);
        assertThat(record.getLeaseTransitions()).isZero();
        assertThat(record.getAcquireTime().toInstant()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(record.getRenewTime().toInstant()).isEqualTo("2026-01-01T00:00:04Z");
    }

    @Test
    void othersWaitForAsLongAsTheLeaderRenews() {
        var one = candidate("one").start();
        var two = candidate("two").start();
        var three = candidate("three").start();
        pass(Duration.ofMinutes(5));
        assertThat(one.begun).isEqualTo(1);
        assertThat(one.works()).isTrue();
        assertThat(two.begun + three.begun).isZero();
        assertThat(lease().getLeaseTransitions()).isZero();
    }

    @Test
    void afterTheLeaderDiedAnotherTakesOverWhenTheLeaseHasRunOut() {
        var one = candidate("one").start();
        var two = new Candidate("two", Instant.parse("2031-05-05T00:00:00Z"), Runnable::run).start();
        pass(Duration.ofSeconds(30));
        one.kill();
        var without = passUntilWorks(two, Duration.ofSeconds(20));
        assertThat(without).isBetween(Duration.ofSeconds(13), Duration.ofMillis(19_500));
        assertThat(lease().getHolderIdentity()).isEqualTo("two");
        assertThat(lease().getLeaseTransitions()).isEqualTo(1);
    }

    @Test
    void aLeaderThatIsCutOffStopsBeforeAnotherBegins() {
        var one = candidate("one").start();
        var two = candidate("two").start();
        pass(Duration.ofSeconds(30));
        one.path.answer(request -> FaultyApi.failure(503, "ServiceUnavailable"));
        pass(Duration.ofSeconds(8));
        assertThat(one.works()).as("short troubles are passed over").isTrue();
        pass(Duration.ofSeconds(2));
        assertThat(one.works()).isFalse();
        assertThat(one.term.lasts()).isFalse();
        passUntilWorks(two, Duration.ofSeconds(10));
        one.path.heal();
        pass(Duration.ofMinutes(1));
        assertThat(one.begun).isEqualTo(1);
        assertThat(two.works()).isTrue();
    }

    @Test
    void aLeaderThatComesBackInTimeGoesOn() {
        var one = candidate("one").start();
        one.path.answer(request -> FaultyApi.failure(503, "ServiceUnavailable"));
        pass(Duration.ofSeconds(7));
        one.path.heal();
        pass(Duration.ofMinutes(1));
        assertThat(one.begun).isEqualTo(1);
        assertThat(one.works()).isTrue();
    }

    @Test
    void aLeaderWhoseLeaseWasTakenStopsAtOnce() {
        var one = candidate("one").start();
        api.admin().leases().inNamespace("kube-system").withName("work").edit(lease -> {
            lease.getSpec().setHolderIdentity("somebody");
            return lease;
        });
        pass(Duration.ofSeconds(2));
        assertThat(one.works()).isFalse();
        assertThat(lease().getHolderIdentity()).isEqualTo("somebody");
        passUntilWorks(one, Duration.ofSeconds(20));
        assertThat(one.begun).isEqualTo(2);
        assertThat(lease().getLeaseTransitions()).isEqualTo(1);
    }

    @Test
    void aLeaderThatClosesHandsOver() {
        var one = candidate("one").start();
        var two = candidate("two").start();
        pass(Duration.ofSeconds(10));
        one.election.close();
        assertThat(one.works()).isFalse();
        assertThat(lease().getHolderIdentity()).isNull();
        passUntilWorks(two, Duration.ofSeconds(5));
        pass(Duration.ofMinutes(1));
        assertThat(one.begun).isEqualTo(1);
    }

    @Test
    void oneThatClosesWithoutLeadingLeavesTheLeaseAlone() {
        var one = candidate("one").start();
        var two = candidate("two").start();
        two.election.close();
        assertThat(one.works()).isTrue();
        assertThat(lease().getHolderIdentity()).isEqualTo("one");
    }

    @Test
    void workThatCannotStartIsLeftToOthers() {
        var one = candidate("one");
        one.broken = true;
        one.start();
        var two = candidate("two").start();
        passUntilWorks(two, Duration.ofSeconds(30));
        assertThat(one.begun).isZero();
    }

    @Test
    void aTermEndsByTheClockEvenWhenNothingRuns() {
        var now = new Instant[] {Instant.parse("2026-01-01T00:00:00Z")};
        var woken = new Timers() {
            @Override
            public Instant instant() {
                return now[0];
            }

            @Override
            public Timer after(Duration delay, Runnable task) {
                return () -> {};
            }
        };
        var terms = new ArrayList<LeaderElection.Term>();
        var config = LeaderElection.Config.of("work", "one");
        new LeaderElection(
                        api.admin(),
                        config,
                        woken,
                        term -> {
                            terms.add(term);
                            return () -> {};
                        },
                        new SplittableRandom(1),
                        Runnable::run,
                        Runnable::run)
                .start();
        now[0] = now[0].plusSeconds(9);
        assertThat(terms.getFirst().lasts()).isTrue();
        now[0] = now[0].plusSeconds(1);
        assertThat(terms.getFirst().lasts()).isFalse();
    }

    @Test
    void aRequestThatHangsDoesNotKeepTheLeaderWorking() {
        try (var rounds = Executors.newSingleThreadExecutor()) {
            var one = new Candidate("one", Instant.parse("2026-01-01T00:00:00Z"), rounds).start();
            await().until(() -> one.clock.pending() == 2); // the next round, and the deadline
            var asked = new CountDownLatch(1);
            var mayAnswer = new CountDownLatch(1);
            one.path.answer(request -> {
                asked.countDown();
                awaitQuietly(mayAnswer);
                return FaultyApi.failure(503, "ServiceUnavailable");
            });
            try {
                one.clock.advance(Duration.ofSeconds(2));
                awaitQuietly(asked);
                assertThat(one.works()).isTrue();
                one.clock.advance(Duration.ofSeconds(8));
                assertThat(one.works()).isFalse();
            } finally {
                mayAnswer.countDown();
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void ofManyWhoStartTogetherOneLeads() {
        var candidates = new ArrayList<Candidate>();
        for (int i = 0; i < 8; i++) {
            candidates.add(candidate("c" + i).start());
        }
        for (int round = 0; round < 5; round++) {
            pass(Duration.ofSeconds(20));
            assertThat(alive.stream().filter(Candidate::works)).hasSize(1);
            alive.stream().filter(Candidate::works).findFirst().orElseThrow().kill();
            pass(Duration.ofSeconds(20));
        }
        assertThat(lease().getLeaseTransitions()).isEqualTo(5);
        assertThat(candidates.stream().mapToInt(each -> each.begun).sum()).isEqualTo(6);
    }

    @Test
    void timesThatCannotWorkAreRefused() {
        var second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new LeaderElection.Config("a", "b", "c", second, second, second))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LeaderElection.Config("a", "b", "c", second.multipliedBy(2), second, second))
                .hasMessageContaining("1.2 retry periods");
    }
}
