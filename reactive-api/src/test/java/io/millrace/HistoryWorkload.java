package io.millrace;

import io.millrace.error.OutcomeUnknownException;
import io.millrace.testkit.history.History;
import io.millrace.testkit.history.Level;
import io.millrace.testkit.history.Life;
import io.millrace.testkit.history.Recording;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Random list-append transactions at one level of isolation, recorded in a {@link History}. The lists are values of a map; a few neighbouring keys
 * are in use at a time, and when one has become long the next ones are. At READ_COMMITTED appends are {@code compute}, at the other levels also a
 * read and a write.
 */
final class HistoryWorkload {
    private static final int KEYS = 6;
    private static final int LONGEST_LIST = 30;
    private static final int LONGEST_PADDING = 250;

    /** Thrown by work that is to be rolled back. */
    private static final class RollBack extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RollBack() {
            super("roll back", null, true, false);
        }
    }

    private final History history = new History();
    private final Level level;
    private final TransactionOptions options;
    private final AtomicInteger firstKey = new AtomicInteger();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Map<Recording, String> underWay = new ConcurrentHashMap<>();

    HistoryWorkload(Level level) {
        this.level = level;
        options = TransactionOptions.defaults()
                .isolation(Isolation.valueOf(level.name()))
                .retries(3);
    }

    /** Steps that have not been answered. */
    Collection<String> underWay() {
        return underWay.values();
    }

    History history() {
        return history;
    }

    Level level() {
        return level;
    }

    /** Transactions that are known to have committed. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Something for a client of {@code store} to do; its failures are part of the game. All its chances come from {@code random}. */
    Mono<Void> next(Store store, Life life, Random random) {
        OrderedMap<Integer, byte[]> lists = store.map("lists", Codecs.int32(), Codecs.bytes());
        int kind = random.nextInt(10);
        // Strict serializability is promised among serializable transactions only.
        if (level == Level.SERIALIZABLE || kind < 7) {
            return transaction(store, lists, life, random);
        }
        return kind == 7 ? single(lists, life, random) : snapshot(store, lists, life, random);
    }

    /** Everything there is, in one snapshot: shows the order of all versions. */
    Mono<Void> readAll(Store store, Life life) {
        OrderedMap<Integer, byte[]> lists = store.map("lists", Codecs.int32(), Codecs.bytes());
        return Mono.defer(() -> {
            Recording recording = life.begin();
            return store.read(snapshot -> scan(lists.in(snapshot), recording, 0, firstKey.get() + KEYS, false, 0))
                    .then(Mono.fromRunnable(recording::committed));
        });
    }

    private Mono<Void> transaction(Store store, OrderedMap<Integer, byte[]> lists, Life life, Random random) {
        boolean relaxed = random.nextInt(8) == 0;
        boolean rollBack = random.nextInt(10) == 0;
        int steps = 1 + random.nextInt(6);
        long seed = random.nextLong();
        TransactionOptions chosen = relaxed ? options.durability(Durability.RELAXED) : options;
        return Mono.defer(() -> {
            long invoked = life.now();
            Recording[] attempt = new Recording[1];
            return store.write(chosen, tx -> {
                        if (attempt[0] != null) {
                            attempt[0].aborted();
                        }
                        Recording recording = life.begin(invoked);
                        attempt[0] = recording;
                        Work work = new Work(tx, lists.in(tx), recording, new Random(seed));
                        return Flux.range(0, steps).concatMap(i -> work.step()).then(Mono.<Recording>defer(() -> {
                            if (rollBack) {
                                return Mono.error(new RollBack());
                            }
                            recording.committing();
                            return Mono.just(recording);
                        }));
                    })
                    .doOnNext(recording -> {
                        acknowledged.incrementAndGet();
                        if (relaxed) {
                            // Power loss may undo it, as long as nobody has seen it.
                            recording.unknown();
                        } else {
                            recording.committed();
                        }
                    })
                    .then()
                    .onErrorResume(failure -> failed(attempt[0], failure));
        });
    }

    private static Mono<Void> failed(Recording recording, Throwable failure) {
        if (recording != null && failure instanceof OutcomeUnknownException) {
            recording.unknown();
        } else if (recording != null) {
            recording.aborted();
        }
        boolean expected = failure instanceof io.millrace.error.MillraceException || failure instanceof RollBack;
        return expected ? Mono.empty() : Mono.error(failure);
    }

    private Mono<Void> single(OrderedMap<Integer, byte[]> lists, Life life, Random random) {
        int key = key(random);
        long value = history.value();
        int padding = random.nextInt(LONGEST_PADDING);
        return Mono.defer(() -> {
            Recording recording = life.begin().committing();
            recording.append(key, value);
            return lists.compute(key, append(value, padding))
                    .doOnNext(list -> {
                        recording.read(key, seen(key, list));
                        recording.committed();
                        acknowledged.incrementAndGet();
                    })
                    .then()
                    .onErrorResume(failure -> failed(recording, failure));
        });
    }

    private Mono<Void> snapshot(Store store, OrderedMap<Integer, byte[]> lists, Life life, Random random) {
        long seed = random.nextLong();
        return Mono.defer(() -> {
            Recording recording = life.begin();
            return store.read(snapshot -> {
                        Work work = new Work(null, lists.in(snapshot), recording, new Random(seed));
                        return Flux.range(0, 3).concatMap(i -> work.look());
                    })
                    .then(Mono.<Void>fromRunnable(recording::committed))
                    .onErrorResume(failure -> failed(recording, failure));
        });
    }

    private int key(Random random) {
        return firstKey.get() + random.nextInt(KEYS);
    }

    /** The steps of one transaction or snapshot. */
    private final class Work {
        private final Transaction tx;
        private final MapOperations<Integer, byte[]> in;
        private final Recording recording;
        private final Random random;

        Work(Transaction tx, MapOperations<Integer, byte[]> in, Recording recording, Random random) {
            this.tx = tx;
            this.in = in;
            this.recording = recording;
            this.random = random;
        }

        Mono<Void> step() {
            int kind = random.nextInt(8);
            Mono<Void> step = switch (kind) {
                case 0, 1, 2 -> append(key(random));
                case 3 -> level == Level.READ_COMMITTED ? append(key(random)) : readAndWrite(key(random));
                case 4 -> random.nextBoolean() ? undone(key(random)) : lock(key(random));
                default -> look();
            };
            return step.doOnSubscribe(begun -> underWay.put(recording, "step of kind " + kind))
                    .doFinally(end -> underWay.remove(recording));
        }

        Mono<Void> look() {
            int from = key(random);
            if (random.nextInt(3) != 0) {
                return in.get(from)
                        .defaultIfEmpty(EMPTY)
                        .doOnNext(list -> saw(from, list))
                        .then();
            }
            return scan(in, recording, from, from + random.nextInt(4), random.nextBoolean(), random.nextInt(4));
        }

        private Mono<Void> append(int key) {
            long value = history.value();
            recording.append(key, value);
            return in.compute(key, HistoryWorkload.append(value, random.nextInt(LONGEST_PADDING)))
                    .doOnNext(list -> saw(key, list))
                    .then();
        }

        private Mono<Void> readAndWrite(int key) {
            long value = history.value();
            int padding = random.nextInt(LONGEST_PADDING);
            return in.get(key).defaultIfEmpty(EMPTY).flatMap(list -> {
                saw(key, list);
                recording.append(key, value);
                return in.put(key, HistoryWorkload.append(value, padding).apply(key, list));
            });
        }

        /** What is never recorded as appended must never be seen. */
        private Mono<Void> undone(int key) {
            return tx.savepoint()
                    .flatMap(savepoint -> in.compute(key, HistoryWorkload.append(history.value(), 10))
                            .then(tx.rollbackTo(savepoint)));
        }

        private Mono<Void> lock(int key) {
            return in.getForUpdate(key)
                    .defaultIfEmpty(EMPTY)
                    .doOnNext(list -> saw(key, list))
                    .then();
        }

        private void saw(int key, byte[] list) {
            recording.read(key, seen(key, list));
        }
    }

    /** A scan is a read of every key it passes, of those that are not there too; it ends early if it is limited and has found enough. */
    private Mono<Void> scan(
            MapOperations<Integer, byte[]> in, Recording recording, int from, int to, boolean reversed, int limit) {
        Range<Integer> range = Range.closed(from, to);
        range = reversed ? range.reversed() : range;
        range = limit == 0 ? range : range.limit(limit);
        return in.scan(range)
                .collect(() -> new HashMap<Integer, byte[]>(), (all, entry) -> all.put(entry.key(), entry.value()))
                .doOnNext(all -> passed(all, from, to, reversed, limit == 0 ? Integer.MAX_VALUE : limit)
                        .forEach((key, list) -> recording.read(key, seen(key, list))))
                .then();
    }

    private static Map<Integer, byte[]> passed(
            Map<Integer, byte[]> found, int from, int to, boolean reversed, int limit) {
        Map<Integer, byte[]> passed = new HashMap<>();
        int rest = limit;
        for (int i = 0; i <= to - from && rest > 0; i++) {
            int key = reversed ? to - i : from + i;
            passed.put(key, found.getOrDefault(key, EMPTY));
            rest -= found.containsKey(key) ? 1 : 0;
        }
        return passed;
    }

    private static final byte[] EMPTY = new byte[0];

    /** A value is a number of longs, and the longs, and some bytes more. */
    private static BiFunction<Integer, byte[], byte[]> append(long value, int padding) {
        return (key, before) -> {
            long[] list = decode(before == null ? EMPTY : before);
            ByteBuffer after = ByteBuffer.allocate(Integer.BYTES + (list.length + 1) * Long.BYTES + padding);
            after.putInt(list.length + 1);
            for (long old : list) {
                after.putLong(old);
            }
            after.putLong(value);
            return after.array();
        };
    }

    private static long[] decode(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long[] list = new long[bytes.length == 0 ? 0 : buffer.getInt()];
        for (int i = 0; i < list.length; i++) {
            list[i] = buffer.getLong();
        }
        return list;
    }

    private long[] seen(int key, byte[] bytes) {
        long[] list = decode(bytes);
        if (list.length > LONGEST_LIST) {
            firstKey.accumulateAndGet(key + 1, Math::max);
        }
        return list;
    }
}
