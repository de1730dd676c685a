package io.millrace.testkit.history;

import io.millrace.testkit.history.Recording.Operation;
import io.millrace.testkit.history.Recording.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who wrote which value, and in which order the versions of each key followed one another: the longest list that was read says so, since a list
 * shows its whole past. On the way to that it finds what needs no cycles to be wrong.
 */
final class VersionOrder {
    private final List<Recording> transactions;
    private final List<Finding> findings;
    private final Map<Long, Recording> writers = new HashMap<>();
    private final Map<Integer, long[]> longest = new HashMap<>();
    private final Map<Integer, Long> lastReadInvoked = new HashMap<>();
    private final Set<Recording> happened = new HashSet<>();

    VersionOrder(List<Recording> transactions, List<Finding> findings) {
        this.transactions = transactions;
        this.findings = findings;
    }

    /** Fills it. */
    void derive() {
        for (Recording transaction : transactions) {
            for (Operation operation : transaction.operations()) {
                if (operation.isAppend() && writers.put(operation.value(), transaction) != null) {
                    throw new IllegalArgumentException("value " + operation.value() + " is appended twice");
                }
            }
            if (transaction.outcome() == Outcome.COMMITTED) {
                happened.add(transaction);
            }
        }
        for (Recording transaction : transactions) {
            if (transaction.outcome() == Outcome.COMMITTED) {
                transaction.operations().stream()
                        .filter(operation -> !operation.isAppend())
                        .forEach(read -> compare(transaction, read));
            }
        }
        longest.forEach(this::checkValues);
        findLost();
    }

    private void compare(Recording reader, Operation read) {
        lastReadInvoked.merge(read.key(), reader.invoked(), Math::max);
        long[] known = longest.getOrDefault(read.key(), new long[0]);
        long[] seen = read.seen();
        int common = Math.min(known.length, seen.length);
        if (!Arrays.equals(known, 0, common, seen, 0, common)) {
            find(Anomaly.INCOMPATIBLE_ORDER, reader + " against " + Arrays.toString(known));
        }
        if (seen.length >= known.length) {
            longest.put(read.key(), seen);
        }
    }

    private void checkValues(int key, long[] list) {
        Set<Long> met = new HashSet<>();
        for (long value : list) {
            Recording writer = writers.get(value);
            if (!met.add(value)) {
                find(Anomaly.INCOMPATIBLE_ORDER, value + " is twice in " + key + ": " + Arrays.toString(list));
            }
            if (writer == null) {
                find(Anomaly.GARBAGE_READ, value + " in " + key + ": " + Arrays.toString(list));
            } else if (writer.outcome() == Outcome.ABORTED) {
                find(Anomaly.G1A, writer + " is seen in " + key + ": " + Arrays.toString(list));
            } else {
                // If it was not known before, it is now.
                happened.add(writer);
            }
        }
    }

    private void findLost() {
        Map<Integer, Set<Long>> present = new HashMap<>();
        longest.forEach((key, list) -> {
            Set<Long> values = new HashSet<>();
            Arrays.stream(list).forEach(values::add);
            present.put(key, values);
        });
        for (Recording writer : happened) {
            for (Operation operation : writer.operations()) {
                Set<Long> values = operation.isAppend() ? present.get(operation.key()) : null;
                if (values != null
                        && !values.contains(operation.value())
                        && writer.completed() < lastReadInvoked.get(operation.key())) {
                    find(
                            Anomaly.LOST_APPEND,
                            operation.value() + " of " + writer + " is nowhere in "
                                    + Arrays.toString(longest.get(operation.key())));
                }
            }
        }
    }

    private void find(Anomaly anomaly, String explanation) {
        findings.add(new Finding(anomaly, false, explanation));
    }

    /** Committed, or seen by one that is. */
    List<Recording> happened() {
        List<Recording> inOrder = new ArrayList<>(transactions);
        inOrder.retainAll(happened);
        return inOrder;
    }

    Map<Integer, long[]> longest() {
        return longest;
    }

    /** Null if nobody did. */
    Recording writer(long value) {
        return writers.get(value);
    }
}
