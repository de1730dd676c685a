package io.millrace.perf.faults;

import io.millrace.Codecs;
import io.millrace.MapOperations;
import io.millrace.OrderedMap;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageFullException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;

/**
 * The main class of a child JVM that writes to a store through the public API, in several lanes at once, and says on its standard output what
 * became of each write. A write is a single put or, every other one, a transaction that puts into two maps; its key belongs to it alone.
 *
 * <pre>
 * commands:  run      the lanes write until each has met an error, then: stopped
 *            insist   the same, but a full disk is no reason to end
 *            stop     the lanes end after their present write
 *            read     reads everything acknowledged so far: read NUMBER WRONG
 *            list     what is in the store: k MAP KEY, then: listed
 *            close    closes the store: closed; and ends
 * answers:   opened   a LANE NUMBER   e LANE NUMBER ERROR CAUSE...   failed ERROR CAUSE... (of open or close)
 * </pre>
 */
final class LoadProgram {
    static final int LANES = 8;
    private static final int VALUE_CHARS = 400;

    private final PrintStream out;
    private final Map<Integer, Long> next = new ConcurrentSkipListMap<>();
    private final Map<Long, Boolean> acknowledged = new ConcurrentSkipListMap<>();
    private final AtomicInteger running = new AtomicInteger();
    private final Store store;
    private final LoadMaps maps;
    private volatile boolean stopping;

    private LoadProgram(Store store, PrintStream out) {
        this.store = store;
        this.out = out;
        this.maps = new LoadMaps(store);
    }

    /** Directory, first number of each lane, then settings as key=value. */
    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        StoreOptions options = StoreOptions.at(Path.of(args[0]));
        for (int i = 2; i < args.length; i++) {
            String[] setting = args[i].split("=", 2);
            options = options.with(setting[0], setting[1]);
        }
        try {
            LoadProgram program = new LoadProgram(Store.open(options).block(), out);
            for (int lane = 0; lane < LANES; lane++) {
                program.next.put(lane, Long.parseLong(args[1]));
            }
            out.println("opened");
            program.obey();
        } catch (MillraceException failure) {
            out.println("failed " + describe(failure));
        }
        Runtime.getRuntime().halt(0);
    }

    private void obey() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = in.readLine(); command != null; command = in.readLine()) {
            switch (command) {
                case "run" -> start(false);
                case "insist" -> start(true);
                case "stop" -> stopping = true;
                case "read" -> read();
                case "list" -> {
                    LoadContents.of(maps).print(out);
                    out.println("listed");
                }
                case "close" -> {
                    store.close().block();
                    out.println("closed");
                    return;
                }
                default -> throw new IllegalArgumentException(command);
            }
        }
    }

    private void start(boolean insist) {
        stopping = false;
        running.set(LANES);
        for (int lane = 0; lane < LANES; lane++) {
            int number = lane;
            Thread thread = new Thread(() -> write(number, insist), "lane-" + lane);
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void write(int lane, boolean insist) {
        boolean goOn = true;
        while (goOn && !stopping) {
            long number = next.merge(lane, 1L, Long::sum) - 1;
            long key = key(lane, number);
            try {
                maps.write(key).block();
                acknowledged.put(key, true);
                out.println("a " + lane + ' ' + number);
            } catch (RuntimeException failure) {
                out.println("e " + lane + ' ' + number + ' ' + describe(failure));
                goOn = insist && failure instanceof StorageFullException;
            }
        }
        if (running.decrementAndGet() == 0) {
            out.println("stopped");
        }
    }

    private void read() {
        AtomicLong wrong = new AtomicLong();
        acknowledged.forEach((key, yes) -> {
            if (!Boolean.TRUE.equals(maps.isThere(key).onErrorReturn(false).block())) {
                wrong.incrementAndGet();
            }
        });
        out.println("read " + acknowledged.size() + ' ' + wrong.get());
    }

    private static String describe(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.getClass().getSimpleName());
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            text.append(" | ").append(cause.getMessage());
        }
        return text.toString().replace('\n', ' ');
    }

    static long key(long lane, long number) {
        return lane << 32 | number;
    }

    static boolean isPair(long key) {
        return (key & 1) == 1;
    }

    static String value(long key) {
        return (key + " ").repeat(VALUE_CHARS / 8);
    }

    /** The three maps, as the writer and as the one who checks see them. */
    static final class LoadMaps {
        final OrderedMap<Long, String> singles;
        final OrderedMap<Long, String> left;
        final OrderedMap<Long, String> right;
        private final Store store;

        LoadMaps(Store store) {
            this.store = store;
            this.singles = store.map("singles", Codecs.int64(), Codecs.utf8());
            this.left = store.map("left", Codecs.int64(), Codecs.utf8());
            this.right = store.map("right", Codecs.int64(), Codecs.utf8());
        }

        Mono<Void> write(long key) {
            if (!isPair(key)) {
                return singles.put(key, value(key));
            }
            return store.write(transaction -> left.in(transaction)
                            .put(key, value(key))
                            .then(right.in(transaction).put(key, value(key)))
                            .thenReturn(key))
                    .then();
        }

        Mono<Boolean> isThere(long key) {
            return isPair(key)
                    ? Mono.zip(holds(left, key), holds(right, key), Boolean::logicalAnd)
                    : holds(singles, key);
        }

        private static Mono<Boolean> holds(MapOperations<Long, String> map, long key) {
            return map.get(key).map(value(key)::equals).defaultIfEmpty(false);
        }
    }
}
