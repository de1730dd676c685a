package io.millrace;

import org.reactivestreams.Publisher;

/** The rules of Reactive Streams for {@code get}. */
public final class GetRulesTest extends PublisherRules<Long> {
    @Override
    Publisher<Long> publisher(Store store, OrderedMap<Long, Long> map, long elements) {
        return elements == 0 ? map.get(-1L) : map.get(0L);
    }

    @Override
    public long maxElementsFromPublisher() {
        return 1;
    }
}
