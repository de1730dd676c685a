package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.error.StoreClosedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Whoever waits for the close may do so where a signal of the store has brought him, though there the store's own threads are lent to him. */
final class CloseOnWorkerTest extends StoreTest {
    private static final int WORKERS = 2;

    @Override
    StoreOptions options() {
        return super.options().with("reactive.completion-threads", Integer.toString(WORKERS));
    }

    private Mono<Void> closing() {
        return Mono.fromRunnable(() -> store.close().block(PATIENCE));
    }

    @AfterEach
    void contentsAreThere() {
        await(store.close());
        open();
        assertEquals("1", await(map.get("a")));
    }

    @Test
    void behindAWrite() {
        await(map.put("a", "1").then(closing()));
    }

    @Test
    void onEveryWorkerAtOnce() {
        await(map.put("a", "1"));
        await(Flux.range(0, 4 * WORKERS)
                .flatMap(i -> map.put("k" + i, "v")
                        .onErrorResume(StoreClosedException.class, late -> Mono.empty())
                        .then(closing()))
                .then());
    }

    @Test
    void inAnOpenTransaction() {
        await(map.put("a", "1"));
        Mono<Void> written = map.put("b", "1")
                .then(store.write(tx -> map.in(tx).put("a", "2").then(closing())));
        assertThrows(StoreClosedException.class, () -> await(written));
    }

    @Test
    void inTheMiddleOfAScan() {
        await(Flux.range(0, 1_000).flatMap(i -> map.put("k" + i, "v"), 64).then(map.put("a", "1")));
        Flux<Entry<String, String>> scan = map.put("b", "1")
                .thenMany(map.scan(Range.all()))
                .concatMap(entry -> closing().thenReturn(entry));
        assertThrows(StoreClosedException.class, () -> await(scan.then()));
        open();
        Flux<Entry<String, String>> sameThread = map.put("b", "1")
                .thenMany(map.scan(Range.all()))
                .doOnNext(entry -> store.close().block(PATIENCE));
        assertThrows(StoreClosedException.class, () -> await(sameThread.then()));
    }

    @Test
    void withoutWaiting() {
        await(map.put("a", "1").then(store.close()));
    }
}
