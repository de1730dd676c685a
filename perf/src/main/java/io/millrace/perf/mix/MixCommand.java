package io.millrace.perf.mix;

import io.millrace.Codecs;
import io.millrace.OrderedMap;
import io.millrace.Range;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.perf.Directories;
import io.millrace.perf.load.Keys;
import io.millrace.perf.load.Slot;
import io.millrace.perf.load.Zipf;
import io.millrace.perf.profile.Profile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** {@code millrace bench mix}: fills a store if need be, then puts a mixture of operations on it at a fixed rate. */
public final class MixCommand {
    private static final int PERCENT = 100;
    private static final int LOAD_BATCH = 1000;
    private static final int LOADS_IN_FLIGHT = 4;
    private static final double NANOS_PER_MICRO = 1000;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 100};

    private final MixOptions options;
    private final PrintStream out;
    private final SplittableRandom random = new SplittableRandom(1);
    private final Zipf zipf;
    private final byte[] value;

    private MixCommand(MixOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
        zipf = new Zipf(options.keys(), options.zipf());
        value = new byte[options.valueSize()];
        random.nextBytes(value);
    }

    /** Runs it; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) throws IOException {
        MixOptions options = MixOptions.parse(arguments);
        Path directory = options.directory() == null ? Files.createTempDirectory("millrace-mix-") : options.directory();
        try {
            new MixCommand(options, out).run(directory);
        } finally {
            if (options.directory() == null) {
                Directories.delete(directory);
            }
        }
        return 0;
    }

    private void run(Path directory) throws IOException {
        StoreOptions store = StoreOptions.at(directory);
        for (Map.Entry<String, String> setting : options.settings().entrySet()) {
            store = store.with(setting.getKey(), setting.getValue());
        }
        Store open = Store.open(store).block();
        try {
            OrderedMap<byte[], byte[]> map = open.map("mix", Codecs.bytes(), Codecs.bytes());
            fill(open, map);
            measure(open, map);
        } finally {
            open.close().block();
        }
    }

    private void fill(Store store, OrderedMap<byte[], byte[]> map) {
        if (Boolean.TRUE.equals(map.containsKey(Keys.key(options.keys() - 1)).block())) {
            return;
        }
        out.printf(Locale.ROOT, "filling with %d keys...%n", options.keys());
        long batches = (options.keys() + LOAD_BATCH - 1) / LOAD_BATCH;
        Flux.generate(() -> 0L, (Long next, reactor.core.publisher.SynchronousSink<Long> sink) -> {
                    if (next < batches) {
                        sink.next(next);
                    } else {
                        sink.complete();
                    }
                    return next + 1;
                })
                .flatMap(batch -> store.write(transaction -> load(map, transaction, batch)), LOADS_IN_FLIGHT)
                .blockLast();
        store.checkpoint().block();
    }

    private reactor.core.publisher.Mono<Void> load(
            OrderedMap<byte[], byte[]> map, io.millrace.Transaction transaction, long batch) {
        int size = (int) Math.min(LOAD_BATCH, options.keys() - batch * LOAD_BATCH);
        return Flux.range(0, size)
                .concatMap(i -> map.in(transaction).put(Keys.key(batch * LOAD_BATCH + i), value))
                .then();
    }

    private void measure(Store store, OrderedMap<byte[], byte[]> map) throws IOException {
        if (options.warmUpSeconds() > 0) {
            new OpenLoop(Pacer.SYSTEM, options.rate(), slot -> start(map, slot))
                    .run(options.warmUpSeconds(), second -> {});
        }
        OpenLoop loop = new OpenLoop(Pacer.SYSTEM, options.rate(), slot -> start(map, slot));
        Profile profile = options.profile() ? Profile.start() : null;
        long commits = store.stats().commits();
        loop.run(
                options.seconds(),
                second -> out.printf(
                        Locale.ROOT,
                        "%4d s  %d started, %d in flight, 99 %% within %.0f us so far%n",
                        second,
                        loop.arrived(),
                        loop.open(),
                        micros(loop.latencies(), 99)));
        if (profile != null) {
            profile.stop(store.stats().commits() - commits, out);
        }
        out.printf(
                Locale.ROOT,
                "%n%d operations, %.1f per second of %.0f asked for; latency in us from the moment each was due:%n",
                loop.arrived(),
                loop.arrivalRate(),
                options.rate());
        for (double percentile : PERCENTILES) {
            out.printf(Locale.ROOT, "%8s %% %12.0f%n", plain(percentile), micros(loop.latencies(), percentile));
        }
    }

    private static String plain(double percentile) {
        return Double.toString(percentile).replaceAll("\\.0$", "");
    }

    private static double micros(Histogram latencies, double percentile) {
        return latencies.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
    }

    private void start(OrderedMap<byte[], byte[]> map, Slot slot) {
        byte[] key = Keys.key(zipf.scrambled(random));
        int dice = random.nextInt(PERCENT);
        Publisher<?> operation;
        if (dice < options.readPercent()) {
            operation = map.get(key);
        } else if (dice < options.readPercent() + options.scanPercent()) {
            operation = map.scan(Range.from(key).limit(options.scanLength()));
        } else {
            operation = map.put(key, value);
        }
        operation.subscribe(slot);
    }
}
