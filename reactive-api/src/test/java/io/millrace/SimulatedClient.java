package io.millrace;

import io.millrace.error.MillraceException;
import io.millrace.error.OutcomeUnknownException;
import io.millrace.error.StorageFullException;
import io.millrace.error.StorageIoException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One user of a simulated store: does one thing after the other, through the public API, and keeps the model up to date with the answers. */
final class SimulatedClient implements Runnable {
    private static final int KEYS = 60;
    /** Of one that stands in its leaf. */
    private static final int MAX_VALUE = 1024;

    private static final int MAX_ESTIMATE_FACTOR = 8;
    /** Some pages. */
    private static final int LONG_VALUE = 10_000;

    private static final long PAUSE_NANOS = 30_000_000;
    private static final long DAWDLE_NANOS = 2_000_000;

    /** Thrown by the work of a transaction that is to be rolled back. */
    private static final class RollBack extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RollBack() {
            super("roll back", null, true, false);
        }
    }

    private final SimulatedStore simulated;
    private final Store store;
    private final SimulationModel model;
    private final PartitionModel mine;
    private final String prefix;
    private final Random random;
    private final List<OrderedMap<String, byte[]>> maps = new ArrayList<>();
    private final OrderedMap<String, Long> accounts;
    private final OrderedMap<String, Long> counters;
    private final List<String> own;
    private final boolean diskMayFail;
    private boolean loads = true;
    private int rest;

    SimulatedClient(SimulatedStore simulated, SimulationModel model, int number, Random random, boolean diskMayFail) {
        this.simulated = simulated;
        this.model = model;
        this.random = random;
        this.diskMayFail = diskMayFail;
        store = simulated.store();
        mine = model.partition(number);
        own = SimulationModel.ownMaps(number);
        prefix = SimulationModel.prefix(number);
        for (String name : SimulationModel.MAPS) {
            maps.add(store.map(name, Codecs.utf8(), Codecs.bytes()));
        }
        accounts = store.map(SimulationModel.ACCOUNTS, Codecs.utf8(), Codecs.int64());
        counters = store.map(SimulationModel.COUNTERS, Codecs.utf8(), Codecs.int64());
        rest = 10 + random.nextInt(50);
    }

    /** It loads no map: what is loaded does not appear among the changes. */
    SimulatedClient withoutLoads() {
        loads = false;
        return this;
    }

    /** How many things it does. */
    SimulatedClient times(int count) {
        rest = count;
        return this;
    }

    @Override
    public void run() {
        while (rest-- > 0) {
            try {
                act();
            } catch (MillraceException failure) {
                reads(failure);
            }
        }
    }

    private void act() {
        switch (random.nextInt(25)) {
            case 0, 1, 2 -> single();
            case 3 -> remove();
            case 4 -> conditional();
            case 5 -> compute();
            case 6, 7, 8, 9 -> transaction(2 + random.nextInt(6), true);
            case 10 -> transaction(10 + random.nextInt(20), true);
            case 11, 12 -> transaction(1 + random.nextInt(10), false);
            case 13 -> byHand();
            case 14 -> clear();
            case 15 -> raise();
            case 16 -> transfer();
            case 17 -> model.check(simulated, false);
            case 18 -> look();
            case 19, 20, 21 -> own();
            case 22 -> dropOwn();
            case 23 -> renameOwn();
            case 24 -> {
                if (loads) {
                    loadOwn();
                } else {
                    own();
                }
            }
            default -> throw new AssertionError();
        }
        if (random.nextInt(20) == 0) {
            simulated.await(store.checkpoint());
        } else if (random.nextInt(20) == 0) {
            compact();
        }
    }

    /** A read, or a checkpoint, has failed. */
    private void reads(MillraceException failure) {
        if (failure instanceof StorageIoException && diskMayFail) {
            checkPoisoned(failure);
        } else if (!failure.isTransient() && !(failure instanceof StorageFullException && diskMayFail)) {
            throw failure;
        }
    }

    private enum Outcome {
        DONE,
        REFUSED,
        UNKNOWN
    }

    private Outcome perform(Mono<?> action) {
        try {
            simulated.await(action);
            return Outcome.DONE;
        } catch (RollBack expected) {
            if (expected.getSuppressed().length != 0) {
                checkPoisoned(expected.getSuppressed()[0]);
            }
            return Outcome.REFUSED;
        } catch (OutcomeUnknownException unknown) {
            checkPoisoned(unknown);
            return Outcome.UNKNOWN;
        } catch (StorageIoException poisoned) {
            checkPoisoned(poisoned);
            return Outcome.REFUSED;
        } catch (StorageFullException full) {
            if (!diskMayFail) {
                throw full;
            }
            simulated.machine().park(this, PAUSE_NANOS);
            return Outcome.REFUSED;
        } catch (MillraceException failure) {
            if (!failure.isTransient()) {
                throw failure;
            }
            return Outcome.REFUSED;
        }
    }

    /** L9: the first failure is final; nothing becomes durable any more, writes fail at once, reads go on. */
    private void checkPoisoned(Throwable failure) {
        if (!diskMayFail || !simulated.assembly().wal().isPoisoned()) {
            throw new AssertionError("nothing was wrong with the disk", failure);
        }
        rest = 0;
        long durable = store.durableLsn();
        try {
            simulated.await(maps.get(0).put(prefix + "late", new byte[1]));
            throw new AssertionError("a poisoned store has taken a write");
        } catch (StorageIoException expected) {
            // As it should be.
        }
        try {
            model.check(simulated, false);
        } catch (StorageIoException noFrame) {
            // No frame can be cleaned any more.
        }
        if (store.durableLsn() != durable) {
            throw new AssertionError("a poisoned store went on to " + store.durableLsn() + " from " + durable);
        }
    }

    private void write(NavigableMap<String, byte[]> next, Mono<?> action) {
        mine.attempt(next);
        switch (perform(action)) {
            case DONE -> mine.acknowledge();
            case REFUSED -> mine.refuse();
            default -> rest = 0;
        }
    }

    private NavigableMap<String, byte[]> copy() {
        return new TreeMap<>(mine.current());
    }

    private int map() {
        return random.nextInt(maps.size());
    }

    private String key() {
        int number = random.nextInt(KEYS);
        String padding = number % 7 == 0 ? "-".repeat(number * 8) : "";
        return prefix + (number < 10 ? "0" : "") + number + padding;
    }

    private byte[] value() {
        int longest = random.nextInt(3) == 0 ? random.nextInt(8) == 0 ? LONG_VALUE : MAX_VALUE : 200;
        byte[] value = new byte[random.nextInt(longest)];
        random.nextBytes(value);
        return value;
    }

    private static String name(int map, String key) {
        return SimulationModel.MAPS[map] + " " + key;
    }

    private void single() {
        int map = map();
        String key = key();
        byte[] value = value();
        NavigableMap<String, byte[]> next = copy();
        next.put(name(map, key), value);
        write(next, maps.get(map).put(key, value));
    }

    private void remove() {
        int map = map();
        String key = key();
        NavigableMap<String, byte[]> next = copy();
        boolean there = next.remove(name(map, key)) != null;
        write(next, maps.get(map).delete(key).doOnNext(found -> same(there, found, "delete " + key)));
    }

    private void conditional() {
        int map = map();
        String key = key();
        byte[] value = value();
        NavigableMap<String, byte[]> next = copy();
        byte[] old = next.get(name(map, key));
        if (random.nextBoolean()) {
            next.putIfAbsent(name(map, key), value);
            write(next, maps.get(map).putIfAbsent(key, value).doOnNext(put -> same(old == null, put, "put " + key)));
        } else {
            boolean right = random.nextInt(4) != 0;
            byte[] expected = old == null || !right ? new byte[] {7, 7} : old;
            boolean matches = Arrays.equals(old, expected);
            if (matches) {
                next.put(name(map, key), value);
            }
            write(next, maps.get(map).replace(key, expected, value).doOnNext(put -> same(matches, put, "cas " + key)));
        }
    }

    private void compute() {
        int map = map();
        String key = key();
        byte[] value = random.nextInt(4) == 0 ? null : value();
        NavigableMap<String, byte[]> next = copy();
        byte[] old = next.get(name(map, key));
        if (value == null) {
            next.remove(name(map, key));
        } else {
            next.put(name(map, key), value);
        }
        write(next, maps.get(map).compute(key, (same, found) -> {
            same(true, Arrays.equals(old, found), "compute " + key);
            return value;
        }));
    }

    private void clear() {
        int map = map();
        if (random.nextInt(8) == 0) {
            clearAll(map);
            return;
        }
        String from = key();
        String to = key();
        NavigableMap<String, byte[]> next = copy();
        long count = removeRange(next, map, from, to);
        write(
                next,
                maps.get(map)
                        .deleteRange(Range.closedOpen(from, to))
                        .doOnNext(found -> same(count, found, "deleteRange")));
    }

    /** Hurried, slow, or given up before its end. */
    private void compact() {
        simulated.giveUpHoard();
        long bytesPerSecond = random.nextBoolean() ? Long.MAX_VALUE : 1L << 20 + random.nextInt(10);
        Mono<CompactInfo> compact = store.compact(bytesPerSecond);
        if (random.nextInt(4) == 0) {
            Disposable given = compact.subscribe(info -> {}, failure -> {});
            simulated.machine().park(this, random.nextInt((int) PAUSE_NANOS));
            given.dispose();
        } else {
            simulated.compacted(simulated.await(compact));
        }
    }

    /** So that leaves are emptied, pages merge and the tree gets lower. */
    private void clearAll(int map) {
        NavigableMap<String, byte[]> next = copy();
        String all = name(map, prefix);
        long count = next.keySet().stream().filter(name -> name.startsWith(all)).count();
        next.keySet().removeIf(name -> name.startsWith(all));
        write(
                next,
                maps.get(map)
                        .deleteRange(Range.prefix(prefix))
                        .doOnNext(found -> same(count, found, "deleteRange of all")));
    }

    private static long removeRange(NavigableMap<String, byte[]> next, int map, String from, String to) {
        if (from.compareTo(to) >= 0) {
            return 0;
        }
        NavigableMap<String, byte[]> range = next.subMap(name(map, from), true, name(map, to), false);
        int count = range.size();
        range.clear();
        return count;
    }

    private void transaction(int steps, boolean commit) {
        NavigableMap<String, byte[]> next = copy();
        List<Function<Transaction, Mono<?>>> work = work(steps, next);
        Mono<?> end = commit ? Mono.just(true) : dawdle().then(Mono.error(RollBack::new));
        write(next, store.write(tx -> inOrder(work, tx).then(end)));
    }

    private void byHand() {
        NavigableMap<String, byte[]> next = copy();
        List<Function<Transaction, Mono<?>>> work = work(1 + random.nextInt(5), next);
        boolean commit = random.nextBoolean();
        write(
                next,
                store.begin(TransactionOptions.defaults())
                        .flatMap(tx -> inOrder(work, tx)
                                .then(Mono.defer(() ->
                                        commit ? tx.commit() : tx.rollback().then(Mono.error(RollBack::new))))
                                .onErrorResume(failure ->
                                        tx.rollback().onErrorComplete().then(Mono.error(failure)))));
    }

    private static Mono<Void> inOrder(List<Function<Transaction, Mono<?>>> work, Transaction tx) {
        return Flux.fromIterable(work).concatMap(step -> step.apply(tx)).then();
    }

    private List<Function<Transaction, Mono<?>>> work(int steps, NavigableMap<String, byte[]> next) {
        List<Function<Transaction, Mono<?>>> work = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            int map = map();
            String key = key();
            switch (random.nextInt(10)) {
                case 0 -> work.add(tx -> dawdle());
                case 1 -> {
                    next.remove(name(map, key));
                    work.add(tx -> maps.get(map).in(tx).delete(key));
                }
                case 2 -> {
                    byte[] expected = next.get(name(map, key));
                    work.add(tx -> maps.get(map)
                            .in(tx)
                            .get(key)
                            .defaultIfEmpty(new byte[] {1, 2, 3, 4, 5})
                            .doOnNext(found -> same(
                                    true,
                                    Arrays.equals(expected == null ? new byte[] {1, 2, 3, 4, 5} : expected, found),
                                    "get in a transaction of " + key)));
                }
                case 3 -> {
                    String to = key();
                    long count = removeRange(next, map, key, to);
                    work.add(tx -> maps.get(map)
                            .in(tx)
                            .deleteRange(Range.closedOpen(key, to))
                            .doOnNext(found -> same(count, found, "deleteRange in a transaction")));
                }
                default -> {
                    byte[] value = value();
                    next.put(name(map, key), value);
                    work.add(tx -> maps.get(map).in(tx).put(key, value));
                }
            }
        }
        return work;
    }

    /** User code takes its time: what the transaction has written so far becomes durable without its end. */
    private Mono<Void> dawdle() {
        return Mono.fromRunnable(() -> simulated.machine().park(this, DAWDLE_NANOS));
    }

    private void raise() {
        int counter = random.nextInt(SimulationModel.COUNTER_COUNT);
        model.tryToRaise(counter);
        long[] to = new long[1];
        Mono<Long> raising = counters.compute("k" + counter, (key, old) -> old == null ? 1 : old + 1)
                .doOnNext(value -> to[0] = value);
        switch (perform(raising)) {
            case DONE -> model.raised(counter, to[0]);
            case REFUSED -> model.notRaised(counter);
            default -> rest = 0;
        }
    }

    private void transfer() {
        if (!model.areAccountsOpen()) {
            return;
        }
        String from = "a" + random.nextInt(SimulationModel.ACCOUNT_COUNT);
        String to = "a" + random.nextInt(SimulationModel.ACCOUNT_COUNT);
        long amount = random.nextInt(10);
        byte[] mark = value();
        NavigableMap<String, byte[]> next = copy();
        next.put(name(0, prefix + "mark"), mark);
        write(
                next,
                store.write(tx -> change(tx, from, -amount)
                        .then(Mono.defer(() -> change(tx, to, amount)))
                        .then(Mono.defer(() -> maps.get(0).in(tx).put(prefix + "mark", mark)))));
    }

    private Mono<Void> change(Transaction tx, String account, long by) {
        return accounts.in(tx).get(account).flatMap(balance -> accounts.in(tx).put(account, balance + by));
    }

    private String ownName() {
        return own.get(random.nextInt(own.size()));
    }

    private OrderedMap<String, byte[]> ownMap(String name) {
        return store.map(name, Codecs.utf8(), Codecs.bytes());
    }

    /** Some entries of a map that nobody else writes. */
    private void own() {
        String name = ownName();
        NavigableMap<String, byte[]> next = copy();
        List<Function<Transaction, Mono<?>>> work = new ArrayList<>();
        for (int i = random.nextInt(12); i >= 0; i--) {
            String key = key();
            byte[] value = value();
            next.put(name + " " + key, value);
            work.add(tx -> ownMap(name).in(tx).put(key, value));
        }
        write(next, store.write(tx -> inOrder(work, tx)));
    }

    /** Builds a map of one's own, or adds to it. */
    private void loadOwn() {
        String name = ownName();
        NavigableMap<String, byte[]> next = copy();
        List<Entry<String, byte[]>> entries = new ArrayList<>();
        for (int i = random.nextInt(24); i >= 0; i--) {
            Entry<String, byte[]> entry = new Entry<>(key(), value());
            entries.add(entry);
            next.put(name + " " + entry.key(), entry.value());
        }
        if (random.nextBoolean()) {
            entries.sort(Comparator.comparing(Entry::key));
        }
        long count = entries.size();
        write(
                next,
                ownMap(name)
                        .load(Flux.fromIterable(entries))
                        .doOnNext(loaded -> same(count, loaded, "load of " + name)));
    }

    private void dropOwn() {
        String name = ownName();
        NavigableMap<String, byte[]> next = copy();
        boolean some = next.keySet().removeIf(key -> key.startsWith(name + " "));
        write(next, store.drop(name).doOnNext(found -> same(true, found || !some, "drop of " + name)));
    }

    private void renameOwn() {
        List<String> there = simulated.await(store.maps().collectList());
        String from = ownName();
        String to = ownName();
        if (!there.contains(from) || there.contains(to)) {
            return;
        }
        NavigableMap<String, byte[]> next = copy();
        for (String key : List.copyOf(next.keySet())) {
            if (key.startsWith(from + " ")) {
                next.put(to + key.substring(from.length()), next.remove(key));
            }
        }
        write(next, store.rename(from, to));
    }

    private void look() {
        int map = map();
        String key = key();
        byte[] expected = mine.current().get(name(map, key));
        byte[] found = simulated.await(maps.get(map).get(key));
        same(true, Arrays.equals(expected, found), "get " + key);
        Range<String> range = Range.prefix(prefix);
        long count = mine.current().keySet().stream()
                .filter(name -> name.startsWith(SimulationModel.MAPS[map]))
                .count();
        same(count, simulated.await(maps.get(map).count(range)), "count of " + prefix);
        long scanned = simulated.await(maps.get(map).scan(range.reversed()).count());
        same(count, scanned, "reverse scan of " + prefix);
        long estimate = simulated.await(maps.get(map).estimateCount(Range.all()));
        if (estimate < 0 || estimate > (long) KEYS * model.clients() * MAX_ESTIMATE_FACTOR) {
            throw new AssertionError("estimateCount: " + estimate);
        }
    }

    private static void same(Object expected, Object found, String what) {
        if (!Objects.equals(expected, found)) {
            throw new AssertionError(what + ": expected " + expected + " but found " + found);
        }
    }
}
