package io.millrace.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.buffer.DataFile;
import io.millrace.buffer.PageLayout;
import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.CorruptPageException;
import io.millrace.error.StorageIoException;
import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.Seeds;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Redo by several threads gives every page as one thread would that goes through the log record by record. */
final class RedoPassTest {
    private static final int PAGES = 300;
    private static final int RECORDS = 5000;
    private static final int FEW_FRAMES = 64;
    private static final int ENOUGH_FRAMES = 512;

    @Test
    void pagesAreAsAfterOneThreadGoingThroughTheLog() {
        Seeds.forEach(6, (seed, random) -> {
            TestRecords log = TestRecords.random(random, RECORDS, PAGES);
            byte[][] pages = pages(random, log.endLsn());
            byte[][] expected = redone(log, pages);
            int frames = random.nextBoolean() ? FEW_FRAMES : ENOUGH_FRAMES;
            try (RedoFixture store = RedoFixture.with(frames, pages)) {
                long applied;
                try (RedoPass pass = pass(store, 1 + random.nextInt(4))) {
                    log.writeTo(pass);
                    pass.finish();
                    applied = pass.applied();
                    assertTrue(pass.damaged().isEmpty());
                }
                assertEquals(changesBehind(log, pages), applied);
                for (int pageId = 1; pageId < PAGES; pageId++) {
                    assertArrayEquals(expected[pageId], store.page(pageId), "page " + pageId);
                }
            }
        });
    }

    @Test
    void whatLiesBeforeTheRestartPointIsNotRepeated() {
        TestRecords log = TestRecords.random(new Random(8), RECORDS, PAGES);
        long from = log.entries.get(10).lsn();
        try (RedoFixture store = RedoFixture.with(ENOUGH_FRAMES, new byte[PAGES][])) {
            try (RedoPass pass = new RedoPass(store.pool, RedoFixture.HANDLERS, EngineThreads.SYSTEM, 2, from)) {
                log.writeTo(pass);
                pass.finish();
                long expected = log.entries.stream()
                        .filter(record -> record.lsn() >= from)
                        .mapToLong(record -> record.changes().size())
                        .sum();
                assertEquals(expected, pass.applied());
            }
        }
    }

    @Test
    void aDamagedPageIsNotedOnceAndLeftAloneAndTheOthersGoOn() {
        Seeds.forEach(2, (seed, random) -> {
            TestRecords log = TestRecords.random(random, RECORDS, PAGES);
            byte[][] pages = pages(random, log.endLsn());
            pages[17] = page(17, 1, random);
            byte[][] expected = redone(log, pages);
            try (RedoFixture store = RedoFixture.with(FEW_FRAMES, pages)) {
                store.directory.flipBit(DataFile.NAME, 17L * RedoFixture.PAGE + 100, 3);
                try (RedoPass pass = pass(store, 2)) {
                    log.writeTo(pass);
                    pass.finish();
                    assertEquals(
                            List.of(17L),
                            pass.damaged().stream()
                                    .map(CorruptPageException::pageId)
                                    .toList());
                }
                for (int pageId = 1; pageId < PAGES; pageId++) {
                    if (pageId != 17) {
                        assertArrayEquals(expected[pageId], store.page(pageId), "page " + pageId);
                    }
                }
                assertThrows(CorruptPageException.class, () -> store.pool.pin(17));
            }
        });
    }

    @Test
    void aChangeThatDoesNotFitEndsRedoAndItsPageIsNeverWritten() {
        TestRecords log = TestRecords.random(new Random(5), RECORDS, PAGES);
        byte[] body = {1};
        log.add(0, List.of(new TestRecords.Change(7, RedoFixture.MIX, body)));
        long lsn = log.add(
                0,
                List.of(
                        new TestRecords.Change(7, RedoFixture.MIX, body),
                        new TestRecords.Change(7, RedoFixture.UNFIT, body)));
        try (RedoFixture store = RedoFixture.with(ENOUGH_FRAMES, new byte[PAGES][])) {
            try (RedoPass pass = pass(store, 2)) {
                CorruptPageException failure = assertThrows(CorruptPageException.class, () -> {
                    log.writeTo(pass);
                    pass.finish();
                });
                assertEquals(7, failure.pageId());
                assertTrue(failure.getMessage().contains("LSN " + lsn), failure.getMessage());
            }
            // Half a record is on it: its latch stays, so no cleaner copies it.
            assertEquals(0, store.pool.stamp(store.pool.frameOf(7)));
        }
    }

    @Test
    void aFailedReadEndsRedoWithItsError() {
        TestRecords log = TestRecords.random(new Random(6), RECORDS, PAGES);
        try (RedoFixture store = RedoFixture.with(FEW_FRAMES, new byte[PAGES][])) {
            store.directory.faults(FaultPlan.none().from(IoKind.READ, DataFile.NAME::equals, 20, Fault.IO_ERROR));
            try (RedoPass pass = pass(store, 3)) {
                assertThrows(StorageIoException.class, () -> {
                    log.writeTo(pass);
                    pass.finish();
                });
            }
        }
    }

    @Test
    void aPassThatIsGivenUpEndsItsThreads() {
        TestRecords log = TestRecords.random(new Random(7), RECORDS, PAGES);
        try (RedoFixture store = RedoFixture.with(FEW_FRAMES, new byte[PAGES][])) {
            RedoPass pass = pass(store, 2);
            log.writeTo(pass);
            pass.close();
            assertTrue(Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.isAlive() && thread.getName().startsWith("millrace-redo-")));
        }
    }

    private static RedoPass pass(RedoFixture store, int workers) {
        return new RedoPass(store.pool, RedoFixture.HANDLERS, EngineThreads.SYSTEM, workers, 1);
    }

    /** Pages as a crash leaves them: some never written, the others of any age. */
    private static byte[][] pages(Random random, long endLsn) {
        byte[][] pages = new byte[PAGES][];
        for (int pageId = 1; pageId < PAGES; pageId++) {
            if (random.nextInt(3) != 0) {
                pages[pageId] = page(pageId, 1 + random.nextInt((int) endLsn), random);
            }
        }
        return pages;
    }

    private static byte[] page(int pageId, long lsn, Random random) {
        byte[] page = new byte[RedoFixture.PAGE];
        random.nextBytes(page);
        long copy = copy(page);
        PageLayout.format(copy, PageLayout.KIND_LEAF, pageId, 1);
        PageLayout.pageLsn(copy, lsn);
        return take(copy);
    }

    /** The oracle: each record by itself, each of its pages tested once, stamped when all of its changes are applied. */
    private static byte[][] redone(TestRecords log, byte[][] pages) {
        long[] copies = new long[pages.length];
        for (int pageId = 1; pageId < pages.length; pageId++) {
            copies[pageId] = copy(pages[pageId] == null ? new byte[RedoFixture.PAGE] : pages[pageId]);
        }
        for (TestRecords.Entry record : log.entries) {
            List<Long> behind = record.changes().stream()
                    .map(TestRecords.Change::pageId)
                    .distinct()
                    .filter(pageId -> PageLayout.pageLsn(copies[pageId.intValue()]) < record.lsn())
                    .toList();
            for (TestRecords.Change change : record.changes()) {
                if (behind.contains(change.pageId())) {
                    apply(change, copies[(int) change.pageId()], record.stamp());
                }
            }
            for (long pageId : behind) {
                PageLayout.pageId(copies[(int) pageId], pageId);
                PageLayout.pageLsn(copies[(int) pageId], record.lsn());
            }
        }
        byte[][] redone = new byte[pages.length][];
        for (int pageId = 1; pageId < pages.length; pageId++) {
            redone[pageId] = RedoFixture.withoutChecksum(take(copies[pageId]));
        }
        return redone;
    }

    private static void apply(TestRecords.Change change, long page, long stamp) {
        long body = copy(change.body());
        RedoFixture.HANDLERS
                .of(change.operation())
                .redo(change.operation(), page, RedoFixture.PAGE, stamp, body, change.body().length);
        Memory.free(body);
    }

    private static long changesBehind(TestRecords log, byte[][] pages) {
        long[] lsns = new long[pages.length];
        for (int pageId = 1; pageId < pages.length; pageId++) {
            if (pages[pageId] != null) {
                long copy = copy(pages[pageId]);
                lsns[pageId] = PageLayout.pageLsn(copy);
                Memory.free(copy);
            }
        }
        return log.entries.stream()
                .mapToLong(record -> record.changes().stream()
                        .filter(change -> lsns[(int) change.pageId()] < record.lsn())
                        .count())
                .sum();
    }

    private static long copy(byte[] bytes) {
        long copy = Memory.allocate(bytes.length);
        Memory.copyFromArray(bytes, 0, copy, bytes.length);
        return copy;
    }

    private static byte[] take(long page) {
        byte[] bytes = new byte[RedoFixture.PAGE];
        Memory.copyToArray(page, bytes, 0, bytes.length);
        Memory.free(page);
        return bytes;
    }
}
