package io.millrace;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What transactions by hand do to a few keys, step by step, by the book (docs/transactions.md): a list of committed states, and of each transaction its
 * snapshot, its writes and its locks. Answers are texts, so that a trace of them can be compared.
 */
final class ScheduleModel {
    static final String WAITS = "waits";
    static final String CONFLICT = "conflict";
    static final String DEADLOCK = "deadlock";

    enum Kind {
        GET,
        PUT,
        PUT_IF_ABSENT,
        DELETE,
        LOCK,
        COUNT,
        COMMIT,
        ROLLBACK
    }

    record Step(Kind kind, int key, int value) {
        @Override
        public String toString() {
            return kind + (key == 0 ? "" : " " + key);
        }
    }

    private static final class Transaction {
        private final Isolation level;
        private final int snapshot;
        private final Map<Integer, Integer> own = new HashMap<>();
        private final Set<Integer> locked = new HashSet<>();
        private final Set<Integer> read = new HashSet<>();
        private String doom;
        private Step waiting;
        private int holder;

        Transaction(Isolation level, int snapshot) {
            this.level = level;
            this.snapshot = snapshot;
        }

        boolean readsCommitted() {
            return level == Isolation.READ_COMMITTED;
        }
    }

    private final int keys;
    private final boolean newestWaiterFirst;
    private final List<Map<Integer, Integer>> states = new ArrayList<>();
    private final Map<Integer, Integer> changedAt = new HashMap<>();
    private final Map<Integer, Transaction> open = new HashMap<>();
    /** Numbers of those who wait, in their order. */
    private final List<Integer> waiting = new ArrayList<>();

    ScheduleModel(int keys, Map<Integer, Integer> first, boolean newestWaiterFirst) {
        this.keys = keys;
        this.newestWaiterFirst = newestWaiterFirst;
        states.add(first);
    }

    Map<Integer, Integer> state() {
        return states.get(states.size() - 1);
    }

    void begin(int number, Isolation level) {
        open.put(number, new Transaction(level, states.size() - 1));
    }

    boolean isWaiting(int number) {
        return waiting.contains(number);
    }

    /** One step; {@code trace} also gets what is told to others because of it. */
    void perform(int number, Step step, List<String> trace) {
        String answer = answer(number, open.get(number), step);
        trace.add(number + " " + step + ": " + answer);
        boolean ends = step.kind == Kind.COMMIT || step.kind == Kind.ROLLBACK;
        if (answer.equals(WAITS)) {
            open.get(number).waiting = step;
            waiting.add(number);
        } else if (ends) {
            if (answer.equals("ok") && step.kind == Kind.COMMIT) {
                install(open.get(number));
            }
            open.remove(number);
            wake(trace);
        }
    }

    private void wake(List<String> trace) {
        List<Integer> woken = new ArrayList<>(waiting);
        if (newestWaiterFirst) {
            Collections.reverse(woken);
        }
        for (int number : woken) {
            Transaction transaction = open.get(number);
            if (!open.containsKey(transaction.holder)) {
                waiting.remove((Integer) number);
                String answer = answer(number, transaction, transaction.waiting);
                if (answer.equals(WAITS)) {
                    waiting.add(number);
                } else {
                    trace.add(number + " " + transaction.waiting + ": " + answer);
                }
            }
        }
    }

    private void install(Transaction transaction) {
        Map<Integer, Integer> next = new HashMap<>(state());
        transaction.own.forEach((key, value) -> {
            if (value == null) {
                next.remove(key);
            } else {
                next.put(key, value);
            }
        });
        if (!transaction.locked.isEmpty()) {
            states.add(next);
            transaction.locked.forEach(key -> changedAt.put(key, states.size() - 1));
        }
    }

    private String answer(int number, Transaction transaction, Step step) {
        if (step.kind == Kind.ROLLBACK) {
            return "ok";
        }
        if (transaction.doom != null) {
            return transaction.doom;
        }
        return switch (step.kind) {
            case GET -> String.valueOf(read(transaction, step.key));
            case COUNT -> count(transaction);
            case COMMIT -> commit(number, transaction);
            default -> write(number, transaction, step);
        };
    }

    private Integer read(Transaction transaction, int key) {
        transaction.read.add(key);
        return look(transaction, key);
    }

    private Integer look(Transaction transaction, int key) {
        if (transaction.own.containsKey(key)) {
            return transaction.own.get(key);
        }
        return (transaction.readsCommitted() ? state() : states.get(transaction.snapshot)).get(key);
    }

    private String count(Transaction transaction) {
        int count = 0;
        for (int key = 1; key <= keys; key++) {
            count += read(transaction, key) == null ? 0 : 1;
        }
        return String.valueOf(count);
    }

    private int holder(int number, int key) {
        for (Map.Entry<Integer, Transaction> other : open.entrySet()) {
            if (other.getKey() != number && other.getValue().locked.contains(key)) {
                return other.getKey();
            }
        }
        return 0;
    }

    private boolean hasChanged(Transaction transaction, int key) {
        return changedAt.getOrDefault(key, 0) > transaction.snapshot && !transaction.locked.contains(key);
    }

    private String commit(int number, Transaction transaction) {
        if (transaction.level == Isolation.SERIALIZABLE) {
            for (int key : transaction.read) {
                if (hasChanged(transaction, key) || holder(number, key) != 0) {
                    return CONFLICT;
                }
            }
        }
        return "ok";
    }

    private String write(int number, Transaction transaction, Step step) {
        int key = step.key;
        int other = holder(number, key);
        if (transaction.readsCommitted()) {
            if (other != 0) {
                return await(number, transaction, other);
            }
        } else if (applies(transaction, step) && other != 0) {
            return await(number, transaction, other);
        } else if (applies(transaction, step) && hasChanged(transaction, key)) {
            transaction.doom = CONFLICT;
            return CONFLICT;
        }
        return apply(transaction, step);
    }

    private boolean applies(Transaction transaction, Step step) {
        Integer present = look(transaction, step.key);
        return switch (step.kind) {
            case PUT_IF_ABSENT -> present == null;
            case DELETE -> present != null;
            default -> true;
        };
    }

    private String apply(Transaction transaction, Step step) {
        Integer present = look(transaction, step.key);
        boolean applies = applies(transaction, step);
        if (!applies) {
            transaction.read.add(step.key);
            return "false";
        }
        transaction.locked.add(step.key);
        if (step.kind == Kind.LOCK) {
            return String.valueOf(present);
        }
        transaction.own.put(step.key, step.kind == Kind.DELETE ? null : Integer.valueOf(step.value));
        return step.kind == Kind.PUT ? "ok" : "true";
    }

    private String await(int number, Transaction transaction, int other) {
        for (int at = other; isWaiting(at); at = open.get(at).holder) {
            if (open.get(at).holder == number) {
                transaction.doom = DEADLOCK;
                return DEADLOCK;
            }
        }
        transaction.holder = other;
        return WAITS;
    }
}
