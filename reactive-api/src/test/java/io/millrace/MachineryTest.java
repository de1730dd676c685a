package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.EngineThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The gate, the timer and the lines for hot keys. */
final class MachineryTest {
    @Test
    void closedGateTellsWhenTheLastHasLeft() throws InterruptedException {
        OperationGate gate = new OperationGate();
        AtomicInteger told = new AtomicInteger();
        assertTrue(gate.enter());
        assertTrue(gate.enter());
        assertEquals(2, gate.inside());
        gate.close();
        gate.whenEmpty(told::incrementAndGet);
        assertFalse(gate.enter());
        gate.leave();
        assertEquals(0, told.get());
        Thread other = new Thread(gate::leave);
        other.start();
        other.join();
        assertEquals(1, told.get());
        assertFalse(gate.enter());
        assertEquals(1, told.get());
    }

    @Test
    void emptyGateTellsAtOnce() {
        OperationGate gate = new OperationGate();
        AtomicInteger told = new AtomicInteger();
        gate.close();
        gate.whenEmpty(told::incrementAndGet);
        assertEquals(1, told.get());
    }

    @Test
    void timerKeepsOrderAndForgetsWhatIsCancelled() throws InterruptedException {
        List<String> log = new CopyOnWriteArrayList<>();
        CountDownLatch last = new CountDownLatch(1);
        try (Timer timer = new Timer(EngineThreads.SYSTEM)) {
            timer.set(TimeUnit.MILLISECONDS.toNanos(1000), () -> {
                log.add("third");
                last.countDown();
            });
            timer.set(TimeUnit.MILLISECONDS.toNanos(500), () -> log.add("second"))
                    .cancel();
            timer.set(TimeUnit.MILLISECONDS.toNanos(20), () -> {
                log.add("first");
                throw new IllegalStateException("must not stop the timer");
            });
            assertTrue(last.await(10, TimeUnit.SECONDS));
        }
        assertEquals(List.of("first", "third"), log);
    }

    @Test
    void onlyTheHeadOfALineMayWrite() {
        List<String> log = new ArrayList<>();
        ContentionLines lines = new ContentionLines(Runnable::run);
        ContentionLines.Key key = key(1);
        ContentionLines.Place first = place(key);
        ContentionLines.Place second = place(key);
        assertTrue(lines.areEmpty());
        lines.reach(first, () -> log.add("first"));
        lines.reach(second, () -> log.add("second"));
        assertEquals(List.of("first"), log);
        assertFalse(lines.isBarred(key, first));
        assertTrue(lines.isBarred(key, second));
        assertTrue(lines.isBarred(key, new ContentionLines.Place()));
        assertFalse(lines.isBarred(key(2), second));
        lines.leave(first);
        assertEquals(List.of("first", "second"), log);
        assertFalse(lines.isBarred(key, second));
        lines.leave(second);
        assertTrue(lines.areEmpty());
    }

    @Test
    void linesForSeveralKeysFormNoCircle() {
        List<String> log = new ArrayList<>();
        ContentionLines lines = new ContentionLines(Runnable::run);
        ContentionLines.Place one = place(key(1));
        ContentionLines.Place two = place(key(2));
        lines.reach(one, () -> log.add("one"));
        lines.reach(two, () -> log.add("two"));
        one.lostOn(key(2));
        two.lostOn(key(1));
        lines.reach(one, () -> log.add("one has both"));
        lines.reach(two, () -> log.add("two has both"));
        assertEquals(3, log.size(), log.toString());
        lines.leave(log.contains("one has both") ? one : two);
        assertEquals(4, log.size(), log.toString());
        lines.leave(one);
        lines.leave(two);
        assertTrue(lines.areEmpty());
    }

    private static ContentionLines.Place place(ContentionLines.Key key) {
        ContentionLines.Place place = new ContentionLines.Place();
        place.lostOn(key);
        return place;
    }

    private static ContentionLines.Key key(int number) {
        return new ContentionLines.Key("map", new byte[] {(byte) number});
    }
}
