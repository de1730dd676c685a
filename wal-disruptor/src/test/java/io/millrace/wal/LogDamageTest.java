package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.CorruptLogException;
import io.millrace.testkit.Seeds;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Events;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every kind of damage against an oracle that knows which blocks are still as they were written: the log ends before the first that is not, unless a
 * later one that is says that more had been forced (L10). Nothing is ever cut short in silence.
 */
final class LogDamageTest {
    private static final int LARGEST = 4_096;
    private static final int SEGMENT = 32 << 10;

    private record Block(long segment, int from, int to, long lastLsn, long forcedLsn) {}

    private enum Outcome {
        END,
        DAMAGE
    }

    private LogImage whole;
    private List<Block> blocks;

    /** One record a block, over several segments, some of them recycled. */
    private void write(SyncMode mode, int records, Random dice) throws IOException {
        SimulatedDirectory disk = TestLog.disk(21);
        WalOptions options = new WalOptions(256, TestLog.SLOT, SEGMENT, LARGEST, mode);
        try (Wal wal = Wal.start(options, disk, TestLog.fresh(), Runnable::run, new Events())) {
            for (int i = 0; i < records; i++) {
                TestLog.writeSoon(wal, i, TestLog.LEAST + dice.nextInt(dice.nextInt(3) == 0 ? 3_000 : 200));
            }
            whole = LogImage.of(disk);
        }
        blocks = new ArrayList<>();
        for (long segment : whole.numbers()) {
            for (int at : whole.blocks(segment)) {
                blocks.add(new Block(
                        segment,
                        at,
                        at + whole.length(segment, at),
                        whole.lastLsn(segment, at),
                        whole.view(segment).getLong(at + BlockLayout.FORCED_LSN)));
            }
        }
    }

    private boolean isWhole(LogImage image, Block block) {
        return Arrays.equals(
                image.segment(block.segment), block.from, block.to, whole.segment(block.segment), block.from, block.to);
    }

    /** What L10 says about this image; in {@code end}, where the log ends. */
    private Outcome expected(LogImage image, long[] end) {
        int first = 0;
        while (first < blocks.size() && isWhole(image, blocks.get(first))) {
            first++;
        }
        long lsn = first == 0 ? 0 : blocks.get(first - 1).lastLsn;
        end[0] = lsn;
        boolean proof = blocks.subList(first, blocks.size()).stream()
                .anyMatch(block -> block.forcedLsn > lsn && isWhole(image, block));
        return proof ? Outcome.DAMAGE : Outcome.END;
    }

    private Outcome check(LogImage image, String what) throws IOException {
        long[] end = new long[1];
        Outcome outcome = expected(image, end);
        SimulatedDirectory disk = image.disk();
        TreeMap<Long, Long> records = new TreeMap<>();
        if (outcome == Outcome.DAMAGE) {
            long changes = disk.changes();
            CorruptLogException damage =
                    assertThrows(CorruptLogException.class, () -> TestLog.recover(disk, new TreeMap<>()), what);
            assertEquals(end[0] + 1, damage.lsn(), what);
            assertEquals(changes, disk.changes(), what);
        } else {
            assertEquals(end[0], TestLog.recover(disk, records).endLsn(), what);
            assertEquals(end[0], records.isEmpty() ? 0 : records.lastKey(), what);
        }
        return outcome;
    }

    /** The last three blocks torn at every byte, each with every choice of the blocks behind that survived. */
    @ParameterizedTest
    @EnumSource(
            value = SyncMode.class,
            names = {"FORCE", "NONE"})
    void tornAtEveryByteOfTheLastThreeBlocks(SyncMode mode) throws IOException {
        write(mode, 6, new Random(1));
        whole.trimmed();
        int ends = 0;
        int damages = 0;
        for (int torn = 3; torn < 6; torn++) {
            Block block = blocks.get(torn);
            for (int cut = block.from; cut < block.to; cut++) {
                for (int survivors = 0; survivors < 1 << 5 - torn; survivors++) {
                    LogImage image = whole.copy();
                    Arrays.fill(image.segment(block.segment), cut, block.to, (byte) 0);
                    for (int later = torn + 1; later < 6; later++) {
                        Block behind = blocks.get(later);
                        if ((survivors >> later - torn - 1 & 1) == 0) {
                            Arrays.fill(image.segment(behind.segment), behind.from, behind.to, (byte) 0);
                        }
                    }
                    if (check(image, "block " + torn + " cut at " + cut + ", survivors " + survivors) == Outcome.END) {
                        ends++;
                    } else {
                        damages++;
                    }
                }
            }
        }
        assertTrue(ends > 0);
        assertEquals(mode == SyncMode.FORCE, damages > 0, "what was not forced together may be lost in any order");
    }

    /** Bits, sectors, whole blocks and stale contents, anywhere in a log of several segments. */
    @ParameterizedTest
    @EnumSource(
            value = SyncMode.class,
            names = {"FORCE", "NONE", "INTERVAL"})
    void damageAnywhere(SyncMode mode) {
        EnumSet<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
        Seeds.forEach(4, (seed, dice) -> {
            write(mode, 120, dice);
            byte[] stale = whole.segment(blocks.get(0).segment).clone();
            for (int i = 0; i < 60; i++) {
                LogImage image = whole.copy();
                StringBuilder what = new StringBuilder();
                for (int hits = 1 + dice.nextInt(3); hits > 0; hits--) {
                    what.append(hit(image, stale, dice)).append("; ");
                }
                outcomes.add(check(image, what.toString()));
            }
        });
        assertEquals(EnumSet.allOf(Outcome.class), outcomes);
    }

    private String hit(LogImage image, byte[] stale, Random dice) {
        // Mostly near the end, where it is not always damage.
        int last = blocks.size() - 1;
        int number = dice.nextBoolean() ? last - dice.nextInt(4) : dice.nextInt(blocks.size());
        Block block = blocks.get(number);
        byte[] bytes = image.segment(block.segment);
        int at = block.from + dice.nextInt(block.to - block.from);
        switch (dice.nextInt(4)) {
            case 0 -> bytes[at] ^= (byte) (1 << dice.nextInt(8));
            case 1 -> Arrays.fill(bytes, at & -512, Math.min(bytes.length, (at & -512) + 512), (byte) 0);
            case 2 -> Arrays.fill(bytes, block.from, block.to, (byte) 0);
            default -> System.arraycopy(stale, at, bytes, at, block.to - at);
        }
        return "block " + number + " of " + last + " at " + at;
    }

    /** A power loss between two segments, and a missing first block of the last one. */
    @Test
    void acrossASegmentSwitch() throws IOException {
        write(SyncMode.NONE, 120, new Random(3));
        for (int i = 1; i < blocks.size(); i++) {
            if (blocks.get(i).segment != blocks.get(i - 1).segment) {
                for (int gone : new int[] {i - 1, i}) {
                    LogImage image = whole.copy();
                    Block block = blocks.get(gone);
                    Arrays.fill(image.segment(block.segment), block.from, block.to, (byte) 0);
                    boolean lastSegment = blocks.get(blocks.size() - 1).segment == block.segment;
                    Outcome outcome = check(image, "block " + gone + " of segment " + block.segment);
                    assertEquals(lastSegment ? Outcome.END : Outcome.DAMAGE, outcome);
                }
            }
        }
    }
}
