package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.MillraceException;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Events;
import io.millrace.wal.TestLog.Grant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Credits: all at once, first come first served, something kept back for those who must not wait. */
final class AdmissionTest {
    private static final int SLOTS = 256;
    private static final int SHARE = SLOTS / 8;

    private final SimulatedDirectory disk = TestLog.disk(2);
    private Wal wal;

    AdmissionTest() throws IOException {}

    @BeforeEach
    void start() throws IOException {
        wal = TestLog.start(disk, new Events());
        TestLog.writeDurably(wal, 0, 100);
        TestLog.until(() -> wal.stats().segments() == 3);
        // The credits of the record come back a moment after it is durable.
        TestLog.until(() -> {
            int free = takeAllSlots(Share.NORMAL);
            giveBack(free);
            return free == 224;
        });
    }

    @AfterEach
    void close() throws IOException {
        disk.releaseForces();
        wal.close();
    }

    private int takeAllSlots(Share share) {
        int taken = 0;
        while (wal.tryAdmit(TestLog.SLOT, 0, share)) {
            taken++;
        }
        return taken;
    }

    private void giveBack(int slots) {
        for (int i = 0; i < slots; i++) {
            wal.giveBack(TestLog.SLOT, 0);
        }
    }

    @Test
    void commitHasSlotsThatOthersLeave() {
        int normal = takeAllSlots(Share.NORMAL);
        assertTrue(normal >= SLOTS - SHARE - 1 && normal <= SLOTS - SHARE, normal + " of " + SLOTS);
        assertFalse(wal.tryAdmit(1, 0, Share.NORMAL));
        int commit = takeAllSlots(Share.COMMIT);
        assertEquals(SLOTS, normal + commit + 1, 1);
        giveBack(normal + commit);
        assertEquals(normal, takeAllSlots(Share.NORMAL));
        giveBack(normal);
    }

    @Test
    void whoWaitsIsServedInOrderAndNobodyPasses() {
        int taken = takeAllSlots(Share.NORMAL);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        wal.awaitAdmission(10 * TestLog.SLOT, 0, Share.NORMAL, waiter(order, 0));
        wal.awaitAdmission(TestLog.SLOT, 0, Share.NORMAL, waiter(order, 1));
        wal.awaitAdmission(5 * TestLog.SLOT, 0, Share.NORMAL, waiter(order, 2));

        giveBack(9);
        assertEquals(List.of(), order, "the first needs ten");
        assertFalse(wal.tryAdmit(TestLog.SLOT, 0, Share.NORMAL), "nine are free, but others were here before");
        giveBack(1);
        assertEquals(List.of(0), order);
        giveBack(1);
        assertEquals(List.of(0, 1), order);
        giveBack(5);
        assertEquals(List.of(0, 1, 2), order);
        wal.giveBack(10 * TestLog.SLOT, 0);
        wal.giveBack(TestLog.SLOT, 0);
        wal.giveBack(5 * TestLog.SLOT, 0);
        giveBack(taken - 16);
        assertEquals(taken, takeAllSlots(Share.NORMAL));
        giveBack(taken);
    }

    @Test
    void commitPassesThoseWhoWaitForTheNormalShare() {
        int taken = takeAllSlots(Share.NORMAL);
        List<Integer> order = new ArrayList<>();
        wal.awaitAdmission(TestLog.SLOT, 0, Share.NORMAL, waiter(order, 0));
        wal.awaitAdmission(TestLog.SLOT, 0, Share.COMMIT, waiter(order, 1));

        assertEquals(List.of(1), order);
        wal.giveBack(TestLog.SLOT, 0);
        giveBack(taken);
        assertEquals(List.of(1, 0), order);
        wal.giveBack(TestLog.SLOT, 0);
    }

    @Test
    void slotsComeBackOnlyAfterTheForce() {
        int free = takeAllSlots(Share.NORMAL);
        giveBack(free);
        disk.holdForces();
        assertTrue(wal.tryAdmit(20 * TestLog.SLOT, 0, Share.NORMAL));
        long lsn = TestLog.append(wal, 1, 20 * TestLog.SLOT, null);
        TestLog.until(() -> disk.forcesWaiting() > 0);

        assertEquals(free - 20, takeAllSlots(Share.NORMAL));
        giveBack(free - 20);
        disk.releaseForces();
        wal.awaitDurable(lsn);
        TestLog.until(() -> {
            int now = takeAllSlots(Share.NORMAL);
            giveBack(now);
            return now == free;
        });
    }

    @Test
    void manyWaitersOnATinyRingAllGetThrough() {
        int waiters = 3_000;
        AtomicInteger next = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        disk.holdForces();
        for (int i = 0; i < waiters; i++) {
            int length = 100 + i % 700;
            int expected = i;
            wal.awaitAdmission(length, 0, Share.NORMAL, new AdmissionWaiter() {
                @Override
                public void admitted() {
                    assertEquals(expected, next.getAndIncrement(), "first come, first served");
                    TestLog.append(wal, expected, length, null);
                    done.incrementAndGet();
                }

                @Override
                public void refused(MillraceException cause) {
                    throw cause;
                }
            });
        }
        assertTrue(done.get() < SLOTS);
        disk.releaseForces();
        TestLog.until(() -> done.get() == waiters);
        wal.awaitDurable(wal.claimedLsn());
    }

    @Test
    void shrinkingAGrantReturnsTheRest() {
        int free = takeAllSlots(Share.NORMAL);
        giveBack(free);
        assertTrue(wal.tryAdmit(10 * TestLog.SLOT, 4_000, Share.NORMAL));
        wal.shrink(10 * TestLog.SLOT, 4_000, 3 * TestLog.SLOT, 1_000);
        assertEquals(free - 3, takeAllSlots(Share.NORMAL));
        giveBack(free - 3);
        wal.giveBack(3 * TestLog.SLOT, 1_000);
        assertEquals(free, takeAllSlots(Share.NORMAL));
        giveBack(free);
    }

    @Test
    void anUndoReserveTakesRoomFromNormalUntilItIsReleased() {
        Grant grant = new Grant();
        long reserve = 0;
        // Segments are prepared for what is promised: the disk is the limit here.
        disk.capacity(0);
        while (wal.tryAdmit(TestLog.SLOT, 20_000, Share.NORMAL)) {
            wal.giveBack(TestLog.SLOT, 0);
            reserve += 20_000;
        }
        assertTrue(reserve > 0);
        assertFalse(wal.tryAdmit(TestLog.SLOT, 20_000, Share.NORMAL));
        assertTrue(wal.tryAdmit(TestLog.LARGEST, 0, Share.COMMIT), "what was reserved is for this");
        wal.giveBack(TestLog.LARGEST, 0);
        wal.releaseUndo(reserve);
        wal.awaitAdmission(TestLog.SLOT, 20_000, Share.NORMAL, grant);
        grant.await();
        wal.giveBack(TestLog.SLOT, 20_000);
        disk.capacity(Long.MAX_VALUE);
    }

    private static AdmissionWaiter waiter(List<Integer> order, int number) {
        return new AdmissionWaiter() {
            @Override
            public void admitted() {
                order.add(number);
            }

            @Override
            public void refused(MillraceException cause) {
                throw cause;
            }
        };
    }
}
