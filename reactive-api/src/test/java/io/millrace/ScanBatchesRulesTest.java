package io.millrace;

import java.util.List;
import org.reactivestreams.Publisher;

/** The rules of Reactive Streams for {@code scanBatches}. */
public final class ScanBatchesRulesTest extends PublisherRules<List<Entry<Long, Long>>> {
    @Override
    Publisher<List<Entry<Long, Long>>> publisher(Store store, OrderedMap<Long, Long> map, long elements) {
        return map.scanBatches(Range.all(), 1);
    }
}
