package io.millrace;

import org.reactivestreams.Publisher;

/** The rules of Reactive Streams for {@code compute}, which waits for the log. */
public final class ComputeRulesTest extends PublisherRules<Long> {
    @Override
    Publisher<Long> publisher(Store store, OrderedMap<Long, Long> map, long elements) {
        return map.compute(0L, (key, value) -> elements == 0 ? null : Long.valueOf(elements));
    }

    @Override
    public long maxElementsFromPublisher() {
        return 1;
    }
}
