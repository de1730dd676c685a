package io.millrace.perf.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class InFlightTest {
    private final ExecutorService others = Executors.newFixedThreadPool(2);

    @AfterEach
    void stop() {
        others.shutdownNow();
    }

    @Test
    void neverMoreThanTheLimitAndEachIsCounted() {
        int limit = 7;
        int operations = 20_000;
        AtomicInteger open = new AtomicInteger();
        int most = 0;
        InFlight flight = new InFlight(limit);
        for (int i = 0; i < operations; i++) {
            Slot slot = flight.take().begin(System.nanoTime());
            most = Math.max(most, open.incrementAndGet());
            others.execute(() -> {
                open.decrementAndGet();
                slot.onComplete();
            });
        }
        flight.drain();

        assertEquals(operations, flight.completed());
        assertEquals(operations, flight.latencies().getTotalCount());
        assertEquals(0, open.get());
        assertEquals(limit, most);
    }

    @Test
    void aFailureReachesTheDriver() {
        InFlight flight = new InFlight(1);
        IllegalArgumentException cause = new IllegalArgumentException("no");
        Mono.error(cause).subscribe(flight.take().begin(System.nanoTime()));
        assertSame(
                cause, assertThrows(IllegalStateException.class, flight::take).getCause());
    }

    @Test
    void itGoesOnAfterADrain() {
        InFlight flight = new InFlight(2);
        for (int round = 1; round <= 3; round++) {
            Mono.just(1).subscribe(flight.take().begin(System.nanoTime()));
            flight.drain();
            assertEquals(round, flight.completed());
        }
    }
}
