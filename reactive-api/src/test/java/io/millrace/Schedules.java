package io.millrace;

import io.millrace.ScheduleModel.Kind;
import io.millrace.ScheduleModel.Step;
import io.millrace.error.DeadlockException;
import io.millrace.error.TransactionConflictException;
import io.millrace.testkit.ScheduledDirectory;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.testkit.SimulatedThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;

/**
 * Runs transactions step by step, in a given order, on a simulated engine in which nothing else happens, and compares every answer with the {@link
 * ScheduleModel}: what it is, and whether it comes at once or only after another one's end.
 */
final class Schedules {
    static final int KEYS = 2;
    private static final long STEP_NANOS = 5_000_000;
    private static final int SPACING = 10;

    /** A transaction: its steps, of which the last ends it. */
    record Program(Isolation level, List<Step> steps) {}

    private final SimulatedThreads machine = new SimulatedThreads(1);
    private SimulatedStore simulated;
    private OrderedMap<Integer, Integer> map;
    private int schedules;
    private int base;

    /** Runs {@code body} inside the machine. */
    void run(Runnable body) {
        machine.run(() -> {
            try {
                simulated = SimulatedStore.open(
                        machine,
                        new ScheduledDirectory(new SimulatedDirectory(1), machine, (kind, name, at, bytes) -> {}),
                        SimulatedStore.settings(new Random(1), "force", "0s", "24h", "1MiB", "24h"));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            map = simulated.store().map("numbers", Codecs.int32(), Codecs.int32());
            body.run();
            simulated.close();
        });
    }

    int schedules() {
        return schedules;
    }

    /** Every interleaving of the programs' steps. */
    void explore(List<Program> programs) {
        int[] rest = programs.stream().mapToInt(program -> program.steps.size()).toArray();
        interleave(programs, rest, new ArrayList<>());
    }

    private void interleave(List<Program> programs, int[] rest, List<Integer> order) {
        boolean complete = true;
        for (int i = 0; i < rest.length; i++) {
            if (rest[i] > 0) {
                complete = false;
                rest[i]--;
                order.add(i);
                interleave(programs, rest, order);
                order.remove(order.size() - 1);
                rest[i]++;
            }
        }
        if (complete) {
            check(programs, order);
        }
    }

    void check(List<Program> programs, List<Integer> order) {
        schedules++;
        List<String> found = new Engine(programs).run(order);
        List<List<String>> allowed = new ArrayList<>();
        for (boolean newestFirst : new boolean[] {false, true}) {
            allowed.add(new Book(programs, newestFirst).run(order));
        }
        if (!allowed.contains(found)) {
            throw new AssertionError(programs + " in the order " + order + "\n  expected " + allowed.get(0)
                    + "\n  or       " + allowed.get(1) + "\n  but was  " + found);
        }
    }

    /** Goes through a schedule: whoever waits is passed over, and what is left is done in the end. */
    private abstract static class Player {
        private final List<Program> programs;
        private final int[] next;

        Player(List<Program> programs) {
            this.programs = programs;
            next = new int[programs.size()];
        }

        abstract void begin(int number, Isolation level);

        abstract boolean isWaiting(int number);

        abstract void perform(int number, Step step, List<String> trace);

        abstract Map<Integer, Integer> state();

        List<String> run(List<Integer> order) {
            List<String> trace = new ArrayList<>();
            order.forEach(i -> advance(i, trace));
            for (boolean some = true; some; ) {
                some = false;
                for (int i = 0; i < next.length; i++) {
                    some |= advance(i, trace);
                }
            }
            trace.add(state().toString());
            return trace;
        }

        private boolean advance(int i, List<String> trace) {
            Program program = programs.get(i);
            int number = i + 1;
            if (next[i] == program.steps.size() || isWaiting(number)) {
                return false;
            }
            if (next[i] == 0) {
                begin(number, program.level);
            }
            List<String> told = new ArrayList<>();
            perform(number, program.steps.get(next[i]++), told);
            trace.add(told.get(0));
            // What others are told because of it comes in any order.
            told.remove(0);
            Collections.sort(told);
            trace.addAll(told);
            return true;
        }
    }

    private static final class Book extends Player {
        private final ScheduleModel model;

        Book(List<Program> programs, boolean newestWaiterFirst) {
            super(programs);
            model = new ScheduleModel(KEYS, Map.of(1, 10), newestWaiterFirst);
        }

        @Override
        void begin(int number, Isolation level) {
            model.begin(number, level);
        }

        @Override
        boolean isWaiting(int number) {
            return model.isWaiting(number);
        }

        @Override
        void perform(int number, Step step, List<String> trace) {
            model.perform(number, step, trace);
        }

        @Override
        Map<Integer, Integer> state() {
            return model.state();
        }
    }

    private final class Engine extends Player {
        private final Map<Integer, Transaction> transactions = new HashMap<>();
        private final Map<Integer, Step> waitingStep = new HashMap<>();
        private final Map<Integer, AtomicReference<String>> waiting = new HashMap<>();

        Engine(List<Program> programs) {
            super(programs);
            base += SPACING;
            simulated.await(map.put(base + 1, 10));
        }

        @Override
        void begin(int number, Isolation level) {
            TransactionOptions options = TransactionOptions.defaults().isolation(level);
            transactions.put(number, simulated.await(simulated.store().begin(options)));
        }

        @Override
        boolean isWaiting(int number) {
            return waiting.containsKey(number);
        }

        @Override
        void perform(int number, Step step, List<String> trace) {
            AtomicReference<String> answer = new AtomicReference<>();
            subscribe(mono(transactions.get(number), step), answer);
            boolean ends = step.kind() == Kind.COMMIT || step.kind() == Kind.ROLLBACK;
            do {
                machine.rest(STEP_NANOS);
            } while (ends && answer.get() == null);
            if (answer.get() == null) {
                answer.compareAndSet(null, ScheduleModel.WAITS);
                trace.add(number + " " + step + ": " + ScheduleModel.WAITS);
                waitingStep.put(number, step);
                waiting.put(number, answer);
                return;
            }
            trace.add(number + " " + step + ": " + answer.get());
            if (step.kind() == Kind.COMMIT && !answer.get().equals("ok")) {
                simulated.await(transactions.get(number).rollback());
            }
            if (ends) {
                machine.rest(STEP_NANOS);
                tellWoken(trace);
            }
        }

        private void tellWoken(List<String> trace) {
            for (int number : List.copyOf(waiting.keySet())) {
                String answer = waiting.get(number).get();
                if (!answer.equals(ScheduleModel.WAITS)) {
                    waiting.remove(number);
                    trace.add(number + " " + waitingStep.get(number) + ": " + answer);
                }
            }
        }

        private void subscribe(Mono<String> mono, AtomicReference<String> answer) {
            mono.subscribe(answer::set, failure -> answer.set(name(failure)));
        }

        private static String name(Throwable failure) {
            if (failure instanceof TransactionConflictException) {
                return ScheduleModel.CONFLICT;
            }
            return failure instanceof DeadlockException ? ScheduleModel.DEADLOCK : failure.toString();
        }

        private Mono<String> mono(Transaction tx, Step step) {
            MapOperations<Integer, Integer> in = map.in(tx);
            int key = base + step.key();
            return switch (step.kind()) {
                case GET -> in.get(key).map(String::valueOf).defaultIfEmpty("null");
                case PUT -> in.put(key, step.value()).thenReturn("ok");
                case PUT_IF_ABSENT -> in.putIfAbsent(key, step.value()).map(String::valueOf);
                case DELETE -> in.delete(key).map(String::valueOf);
                case LOCK -> in.getForUpdate(key).map(String::valueOf).defaultIfEmpty("null");
                case COUNT -> in.count(Range.closed(base + 1, base + KEYS)).map(String::valueOf);
                case COMMIT -> tx.commit().thenReturn("ok");
                case ROLLBACK -> tx.rollback().thenReturn("ok");
            };
        }

        @Override
        Map<Integer, Integer> state() {
            Map<Integer, Integer> state = new HashMap<>();
            for (int key = 1; key <= KEYS; key++) {
                Integer value = simulated.await(map.get(base + key));
                if (value != null) {
                    state.put(key, value);
                }
            }
            return state;
        }
    }
}
