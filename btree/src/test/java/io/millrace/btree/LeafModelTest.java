package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.Memory;
import io.millrace.testkit.Seeds;
import io.millrace.txn.VersionStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One leaf against a TreeMap; every change is applied to two pages, which must stay the same byte for byte: to do is to redo. */
class LeafModelTest {
    private static final int STEPS = 3000;
    private static final int TREE = 7;

    private static final class Entry {
        private final long stamp;
        private final boolean ghost;
        private final byte[] value;

        Entry(long stamp, boolean ghost, byte[] value) {
            this.stamp = stamp;
            this.ghost = ghost;
            this.value = value;
        }

        long stamp() {
            return stamp;
        }

        boolean ghost() {
            return ghost;
        }

        byte[] value() {
            return value;
        }
    }

    /** The pages, the model and the operands of one run. */
    private static final class Run implements AutoCloseable {
        final int pageSize;
        final Random random;
        final TestKeys keys;
        final TreeMap<byte[], Entry> model = new TreeMap<>(Arrays::compareUnsigned);
        final TreeRecordHandler handler = new TreeRecordHandler();
        final LeafChange change = new LeafChange();
        final TreeScratch scratch = new TreeScratch();
        final BodyWriter body;
        final long memory;
        final long page;
        final long twin;
        final long other;
        final long key;
        final long value;
        long stamp = 1;
        int splits;

        Run(int pageSize, Random random) {
            this.pageSize = pageSize;
            this.random = random;
            keys = new TestKeys(random, pageSize);
            body = new BodyWriter(2 * pageSize);
            memory = Memory.allocateZeroed(5L * pageSize);
            page = memory;
            twin = memory + pageSize;
            other = memory + 2L * pageSize;
            key = memory + 3L * pageSize;
            value = memory + 4L * pageSize;
            PageImage.emptyLeaf(page, pageSize, TREE);
            PageImage.emptyLeaf(twin, pageSize, TREE);
        }

        void apply(TreeOperation operation) {
            handler.redo(operation.code(), page, pageSize, stamp, body.address(), body.length());
            handler.redo(operation.code(), twin, pageSize, stamp, body.address(), body.length());
            assertEquals(pageSize, Memory.mismatch(page, twin, pageSize), "redo differs");
        }

        byte[] pickKey() {
            byte[] low = new PageCheck(pageSize, finding -> {}).at(page).lowFence();
            byte[] high = new PageCheck(pageSize, finding -> {}).at(page).highFence();
            while (true) {
                byte[] next = keys.nextOf(random, 4000);
                if (Arrays.compareUnsigned(next, low) >= 0
                        && (high.length == 0 || Arrays.compareUnsigned(next, high) < 0)) {
                    return next;
                }
                if (!model.isEmpty() && random.nextInt(50) == 0) {
                    return model.firstKey();
                }
                if (random.nextInt(200) == 0) {
                    return low.length == 0 ? new byte[] {0} : low;
                }
            }
        }

        byte[] pickValue() {
            int limit = random.nextInt(10) == 0 ? Limits.maxValue(pageSize) : 40;
            byte[] bytes = new byte[random.nextInt(limit + 1)];
            random.nextBytes(bytes);
            return bytes;
        }

        void operands(byte[] keyBytes, byte[] valueBytes) {
            Memory.copyFromArray(keyBytes, 0, key, keyBytes.length);
            Memory.copyFromArray(valueBytes, 0, value, valueBytes.length);
            change.treeId = TREE;
            change.key = key;
            change.keyLength = keyBytes.length;
            change.value = value;
            change.valueLength = valueBytes.length;
            look(keyBytes.length, valueBytes.length);
        }

        void look(int keyLength, int valueLength) {
            scratch.page = page;
            scratch.found = PageSearch.find(page, pageSize, key, keyLength);
            scratch.exists = scratch.found >= 0;
            scratch.valueLength =
                    scratch.exists ? LeafPage.valueLength(LeafPage.entry(page, pageSize, scratch.found)) : 0;
            scratch.newValueLength = valueLength;
        }

        void put(TreeOperation operation, byte[] keyBytes, boolean ghost, byte[] valueBytes) {
            operands(keyBytes, valueBytes);
            assertEquals(model.containsKey(keyBytes), scratch.exists);
            while (!scratch.fits(pageSize, keyBytes.length)) {
                makeRoom(keyBytes);
                if (!inRange(keyBytes)) {
                    return;
                }
                look(keyBytes.length, valueBytes.length);
            }
            change.operation = operation;
            change.ghost = ghost;
            change.undoable = random.nextBoolean();
            change.oldFlags = random.nextBoolean() ? VersionStore.FLAG_ABSENT : 0;
            change.oldStamp = 77;
            change.oldValue = value;
            change.oldValueLength = Math.min(5, valueBytes.length);
            encode();
            stamp++;
            apply(operation);
            long written = operation == TreeOperation.LEAF_RESTORE ? 77 : stamp;
            model.put(keyBytes, new Entry(written, ghost, valueBytes));
        }

        /** With the slot or without: the outcome must be the same. */
        void encode() {
            change.slot = random.nextInt(4) == 0 ? LeafChange.NO_SLOT : scratch.slot();
            change.write(body.reset());
            assertEquals(change.length(), body.length(), "announced length");
        }

        boolean inRange(byte[] keyBytes) {
            PageCheck check = new PageCheck(pageSize, finding -> {}).at(page);
            return Arrays.compareUnsigned(keyBytes, check.lowFence()) >= 0
                    && (check.highFence().length == 0 || Arrays.compareUnsigned(keyBytes, check.highFence()) < 0);
        }

        void remove(byte[] keyBytes) {
            operands(keyBytes, new byte[0]);
            change.operation = TreeOperation.LEAF_REMOVE;
            change.ghost = false;
            encode();
            apply(TreeOperation.LEAF_REMOVE);
            model.remove(keyBytes);
        }

        /** Purges ghosts, or splits and goes on with one half. */
        void makeRoom(byte[] keyBytes) {
            if (purge() || model.isEmpty()) {
                return;
            }
            splits++;
            SplitPoint point = scratch.split;
            Memory.copy(page, other, pageSize);
            point.chooseLeaf(
                    other,
                    pageSize,
                    key,
                    keyBytes.length,
                    scratch.found,
                    scratch.neededBytes(pageSize, keyBytes.length));
            long separator = value; // the value is rewritten by the next operation
            long saved = Memory.allocate(Limits.maxKey(pageSize));
            point.separator(saved);
            byte[] at = new byte[point.separatorLength];
            Memory.copyToArray(saved, at, 0, at.length);
            assertTrue(separator != saved && at.length <= Limits.maxKey(pageSize));
            if (random.nextBoolean()) {
                body.reset().putStopBit(point.keep).putStopBit(at.length).putBytes(saved, at.length);
                apply(TreeOperation.SPLIT_LEFT);
                model.tailMap(at, true).clear();
            } else {
                formatRight(point, saved);
                model.headMap(at, false).clear();
            }
            Memory.free(saved);
        }

        void formatRight(SplitPoint point, long separator) {
            long image = Memory.allocate(pageSize);
            PageImage.begin(image, pageSize, 0, TREE);
            PageImage.fences(
                    image,
                    pageSize,
                    separator,
                    point.separatorLength,
                    SlottedPageLayout.highFence(other, pageSize),
                    SlottedPageLayout.highFenceLength(other, pageSize));
            PageImage.append(image, pageSize, other, point.rightFrom, SlottedPageLayout.slotCount(other, pageSize));
            body.reset()
                    .putInt(TREE)
                    .putBytes(image + 32, PageImage.frontBytes(image, pageSize))
                    .putBytes(image + SlottedPageLayout.heapStart(image), PageImage.heapBytes(image, pageSize));
            apply(TreeOperation.PAGE_FORMAT);
            assertEquals(pageSize - 32, Memory.mismatch(image + 32, page + 32, pageSize - 32), "image");
            Memory.free(image);
        }

        boolean purge() {
            body.reset().putStopBit(TREE);
            int before = body.length();
            for (int i = 0; i < SlottedPageLayout.slotCount(page, pageSize); i++) {
                if (LeafPage.isGhost(LeafPage.entry(page, pageSize, i))) {
                    body.putShort(i);
                }
            }
            if (body.length() == before) {
                return false;
            }
            apply(TreeOperation.LEAF_PURGE);
            model.values().removeIf(Entry::ghost);
            return true;
        }

        void compare() {
            List<String> findings = new ArrayList<>();
            PageCheck check = new PageCheck(pageSize, findings::add).at(page);
            check.check(TREE, check.lowFence(), check.highFence());
            assertEquals(List.of(), findings);
            assertEquals(model.size(), check.count());
            int slot = 0;
            for (var expected : model.entrySet()) {
                assertArrayEquals(expected.getKey(), check.key(slot));
                long entry = LeafPage.entry(page, pageSize, slot);
                int suffix = LeafPage.suffixLength(page, pageSize, slot);
                assertEquals(expected.getValue().stamp(), LeafPage.stamp(entry));
                assertEquals(expected.getValue().ghost(), LeafPage.isGhost(entry));
                byte[] bytes = new byte[LeafPage.valueLength(page, pageSize, entry, suffix)];
                Memory.copyToArray(LeafPage.value(entry, suffix), bytes, 0, bytes.length);
                assertArrayEquals(expected.getValue().value(), bytes);
                slot++;
            }
        }

        @Override
        public void close() {
            body.close();
            Memory.free(memory);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 16384, 65536})
    void behavesLikeASortedMap(int pageSize) {
        Seeds.forEach(5, (seed, random) -> {
            try (Run run = new Run(pageSize, random)) {
                for (int i = 0; i < STEPS; i++) {
                    step(run);
                    if (i % 20 == 0) {
                        run.compare();
                    }
                }
                run.compare();
                assertTrue(run.splits > 0, "the page was split");
            }
        });
    }

    private static void step(Run run) {
        byte[] key = run.pickKey();
        int choice = run.random.nextInt(10);
        if (choice == 0 && run.model.containsKey(key)) {
            run.remove(key);
        } else if (choice <= 2 && run.model.containsKey(key)) {
            run.put(TreeOperation.LEAF_PUT, key, true, new byte[0]);
        } else if (choice == 3) {
            run.put(TreeOperation.LEAF_RESTORE, key, run.random.nextBoolean(), run.pickValue());
        } else {
            run.put(TreeOperation.LEAF_PUT, key, false, run.pickValue());
        }
    }
}
