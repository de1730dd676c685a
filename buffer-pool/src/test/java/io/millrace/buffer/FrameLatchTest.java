package io.millrace.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FrameLatchTest {
    private static final int WORDS = 16;

    private long word;

    @BeforeEach
    void allocate() {
        word = Memory.allocateZeroed(8 + WORDS * 8);
        FrameLatch.initialise(word);
    }

    @AfterEach
    void free() {
        Memory.free(word);
    }

    @Test
    void stampIsNeverZeroWhileFree() {
        assertNotEquals(0, FrameLatch.stamp(word));
    }

    @Test
    void exclusiveGivesNoStampAndVoidsOldOnes() {
        long stamp = FrameLatch.stamp(word);
        assertTrue(FrameLatch.tryUpgrade(word, stamp));
        assertEquals(0, FrameLatch.stamp(word));
        assertFalse(FrameLatch.validate(word, stamp));
        assertFalse(FrameLatch.tryShared(word));
        assertFalse(FrameLatch.tryExclusive(word));
        FrameLatch.releaseExclusive(word);
        assertFalse(FrameLatch.validate(word, stamp));
        assertFalse(FrameLatch.tryUpgrade(word, stamp));
        assertNotEquals(stamp, FrameLatch.stamp(word));
    }

    @Test
    void releaseUnchangedKeepsStampsTrue() {
        long stamp = FrameLatch.stamp(word);
        assertTrue(FrameLatch.tryUpgrade(word, stamp));
        FrameLatch.releaseUnchanged(word);
        assertTrue(FrameLatch.validate(word, stamp));
        assertTrue(FrameLatch.tryUpgrade(word, stamp));
    }

    @Test
    void sharedHoldersDisturbReadersNotWritersDo() {
        long stamp = FrameLatch.stamp(word);
        assertTrue(FrameLatch.tryShared(word));
        assertTrue(FrameLatch.tryShared(word));
        assertTrue(FrameLatch.validate(word, stamp));
        assertEquals(stamp, FrameLatch.stamp(word));
        assertFalse(FrameLatch.tryUpgrade(word, stamp));
        FrameLatch.releaseShared(word);
        assertFalse(FrameLatch.tryExclusive(word));
        FrameLatch.releaseShared(word);
        assertTrue(FrameLatch.tryUpgrade(word, stamp));
    }

    @Test
    void stampZeroNeverUpgrades() {
        assertFalse(FrameLatch.tryUpgrade(word, 0));
    }

    @Test
    void versionWrapsPastZero() {
        Memory.putLong(word, -1L << 24);
        assertTrue(FrameLatch.tryExclusive(word));
        FrameLatch.releaseExclusive(word);
        assertNotEquals(0, FrameLatch.stamp(word));
    }

    @Test
    void sharedCountIsBounded() {
        Memory.putLong(word, Memory.getLong(word) | 0xFFFF);
        assertFalse(FrameLatch.tryShared(word));
    }

    @Test
    void validatedReadsAreNeverTorn() throws InterruptedException {
        int rounds = Boolean.getBoolean("millrace.stress") ? 3_000_000 : 100_000;
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong torn = new AtomicLong();
        AtomicLong valid = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            threads.add(new Thread(() -> {
                for (int n = 0; n < rounds; n++) {
                    writeAll();
                }
                stop.set(true);
            }));
            threads.add(new Thread(() -> {
                while (!stop.get()) {
                    readAll(torn, valid);
                }
                readAll(torn, valid);
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, torn.get());
        assertTrue(valid.get() > 0);
    }

    private void writeAll() {
        long stamp = FrameLatch.stamp(word);
        if (FrameLatch.tryUpgrade(word, stamp)) {
            long value = Memory.getLong(word + 8) + 1;
            for (int i = 1; i <= WORDS; i++) {
                Memory.putLong(word + i * 8L, value);
            }
            FrameLatch.releaseExclusive(word);
        }
    }

    private void readAll(AtomicLong torn, AtomicLong valid) {
        long stamp = FrameLatch.stamp(word);
        if (stamp == 0) {
            return;
        }
        long first = Memory.getLong(word + 8);
        boolean same = true;
        for (int i = 2; i <= WORDS; i++) {
            same &= Memory.getLong(word + i * 8L) == first;
        }
        if (FrameLatch.validate(word, stamp)) {
            valid.incrementAndGet();
            if (!same) {
                torn.incrementAndGet();
            }
        }
    }
}
