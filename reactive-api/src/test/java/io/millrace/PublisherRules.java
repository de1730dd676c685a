package io.millrace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import reactor.core.publisher.Flux;

/** The Reactive Streams TCK over one kind of publisher, on an open store; the failed publisher is one of a store that is closed. */
abstract class PublisherRules<T> extends PublisherVerification<T> {
    private static final long TIMEOUT_MILLIS = 2_000;
    private static final long NOTHING_COMES_MILLIS = 30;
    /** Where the TCK asks for more than a map can hold (rule 3.17), it takes only a few of them. */
    private static final long MOST_ELEMENTS = 1_000;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Path directory;
    private Store store;
    private Store closed;

    PublisherRules() {
        super(new TestEnvironment(TIMEOUT_MILLIS, NOTHING_COMES_MILLIS));
    }

    /** The publisher of {@code elements} elements of a map that holds the numbers below {@code elements}. */
    abstract Publisher<T> publisher(Store store, OrderedMap<Long, Long> map, long elements);

    @BeforeClass
    void open() throws IOException {
        directory = Files.createTempDirectory("millrace-tck-");
        store = open("open");
        closed = open("closed");
        closed.close().block(PATIENCE);
    }

    private Store open(String name) {
        return Store.open(StoreOptions.at(directory.resolve(name)).with("buffer-pool.size", "2MiB"))
                .block(PATIENCE);
    }

    @AfterClass
    void close() throws IOException {
        store.close().block(PATIENCE);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static OrderedMap<Long, Long> map(Store store, String name) {
        return store.map(name, Codecs.int64(), Codecs.int64());
    }

    @Override
    public final Publisher<T> createPublisher(long wanted) {
        long elements = Math.min(wanted, MOST_ELEMENTS);
        OrderedMap<Long, Long> map = map(store, "map" + elements);
        long present = map.count(Range.all()).block(PATIENCE);
        List<Long> missing = Stream.iterate(present, number -> number + 1)
                .limit(elements - present)
                .toList();
        Flux.fromIterable(missing)
                .flatMap(number -> map.put(number, number))
                .then()
                .block(PATIENCE);
        return publisher(store, map, elements);
    }

    @Override
    public final Publisher<T> createFailedPublisher() {
        return publisher(closed, map(closed, "map"), 1);
    }
}
