package dev.sampan.apiserver.linearizability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.linearizability.Operation.Absent;
import dev.sampan.apiserver.linearizability.Operation.Conflict;
import dev.sampan.apiserver.linearizability.Operation.Kind;
import dev.sampan.apiserver.linearizability.Operation.Listed;
import dev.sampan.apiserver.linearizability.Operation.Outcome;
import dev.sampan.apiserver.linearizability.Operation.Read;
import dev.sampan.apiserver.linearizability.Operation.Seen;
import dev.sampan.apiserver.linearizability.Operation.Unknown;
import dev.sampan.apiserver.linearizability.Operation.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Histories that a store cannot have had are found out, each of a correct one with one thing changed. */
final class HistoryCheckTest {

    private final List<Operation> operations = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private long now;

    HistoryCheckTest() {
        then(Kind.CREATE, "a", 0, "one", new Written(2));
        then(Kind.UPDATE, "a", 2, "two", new Written(3));
        then(Kind.CREATE, "b", 0, "three", new Written(4));
        changes.addAll(List.of(new Change(2, "a", "one"), new Change(3, "a", "two"), new Change(4, "b", "three")));
    }

    /** One operation after the other. */
    private void then(Kind kind, String key, long expected, String value, Outcome outcome) {
        operations.add(new Operation(kind, key, expected, value, ++now, ++now, outcome));
    }

    private void assertFault(String words) {
        assertThat(HistoryCheck.faults(operations, changes)).isNotEmpty().anyMatch(fault -> fault.contains(words));
    }

    private void assertFaultless() {
        assertThat(HistoryCheck.faults(operations, changes)).isEmpty();
    }

    @Test
    void aCorrectHistoryHasNoFault() {
        then(Kind.GET, "a", 0, "", new Read(new Seen(3, "two")));
        then(Kind.GET, "c", 0, "", new Read(null));
        then(Kind.CREATE, "a", 0, "no", new Conflict());
        then(Kind.UPDATE, "a", 2, "no either", new Conflict());
        then(Kind.DELETE, "c", 9, "", new Absent());
        then(Kind.LIST, "", 0, "", new Listed(4, Map.of("a", new Seen(3, "two"), "b", new Seen(4, "three"))));
        then(Kind.DELETE, "a", 3, "", new Written(0));
        changes.add(new Change(5, "a", null));
        then(Kind.GET, "a", 0, "", new Read(null));
        assertFaultless();
    }

    @Test
    void whatHasNoAnswerMayHaveBeenDoneOrNot() {
        then(Kind.UPDATE, "a", 3, "done", new Unknown());
        then(Kind.UPDATE, "b", 4, "not done", new Unknown());
        changes.add(new Change(5, "a", "done"));
        assertFaultless();
    }

    @Test
    void aWriteThatWasLost() {
        then(Kind.UPDATE, "a", 3, "lost", new Written(5));
        assertFault("lost");
    }

    @Test
    void aDeletionThatWasLost() {
        then(Kind.DELETE, "a", 3, "", new Written(0));
        assertFault("DELETE a at 3");
    }

    @Test
    void aReadOfTheStateBefore() {
        then(Kind.GET, "a", 0, "", new Read(new Seen(2, "one")));
        assertFault("GET a");
    }

    @Test
    void aReadThatWasFollowedByAnOlderOne() {
        operations.add(new Operation(Kind.UPDATE, "a", 3, "slow", now + 1, now + 100, new Written(5)));
        changes.add(new Change(5, "a", "slow"));
        now += 10;
        then(Kind.GET, "a", 0, "", new Read(new Seen(5, "slow")));
        assertFaultless();
        then(Kind.GET, "a", 0, "", new Read(new Seen(3, "two")));
        assertFault("GET a");
    }

    @Test
    void aReadOfWhatWasWrittenLater() {
        operations.add(0, new Operation(Kind.GET, "b", 0, "", 0, 0, new Read(new Seen(4, "three"))));
        assertFault("GET b");
    }

    @Test
    void aListThatMixesTwoStates() {
        then(Kind.LIST, "", 0, "", new Listed(4, Map.of("a", new Seen(2, "one"), "b", new Seen(4, "three"))));
        assertFault("LIST");
    }

    @Test
    void aConflictWithoutReason() {
        then(Kind.UPDATE, "a", 3, "refused", new Conflict());
        assertFault("refused");
    }

    @Test
    void aRefusedWriteThatWasMade() {
        then(Kind.UPDATE, "a", 3, "refused", new Conflict());
        changes.add(new Change(5, "a", "refused"));
        assertFault("although it was refused");
    }

    @Test
    void anUpdateOfAnotherStateThanItNames() {
        then(Kind.UPDATE, "a", 2, "over", new Written(5));
        changes.add(new Change(5, "a", "over"));
        assertFault("was made of");
    }

    @Test
    void aWriteThatNobodyAskedFor() {
        changes.add(new Change(5, "a", "from nowhere"));
        assertFault("nobody asked for");
    }

    @Test
    void anEventThatComesTwiceOrTooLate() {
        changes.add(new Change(4, "b", "three"));
        assertFault("after version 4");
    }

    @Test
    void aWriteThatIsDoneTwice() {
        then(Kind.DELETE, "b", 4, "", new Written(0));
        changes.add(new Change(5, "b", null));
        changes.add(new Change(6, "b", "three"));
        assertFault("done twice");
    }
}
