package io.millrace;

import org.reactivestreams.Publisher;

/** The rules of Reactive Streams for {@code changes}, which never completes. */
public final class ChangesRulesTest extends PublisherRules<Commit> {
    @Override
    Publisher<Commit> publisher(Store store, OrderedMap<Long, Long> map, long elements) {
        return store.changes(0);
    }

    @Override
    public long maxElementsFromPublisher() {
        return publisherUnableToSignalOnComplete();
    }
}
