package io.millrace;

import org.reactivestreams.Publisher;

/** The rules of Reactive Streams for {@code scan}. */
public final class ScanRulesTest extends PublisherRules<Entry<Long, Long>> {
    @Override
    Publisher<Entry<Long, Long>> publisher(Store store, OrderedMap<Long, Long> map, long elements) {
        return map.scan(Range.all());
    }
}
