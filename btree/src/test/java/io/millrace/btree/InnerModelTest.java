package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.INNER_ENTRY;
import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.common.Memory;
import io.millrace.testkit.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One inner page against a TreeMap's floor and lower entries. */
class InnerModelTest {
    private static final int TREE = 9;
    private static final long LEFTMOST = 1000;

    @ParameterizedTest
    @ValueSource(ints = {4096, 16384, 65536})
    void findsChildrenLikeASortedMap(int pageSize) {
        Seeds.forEach(10, (seed, random) -> {
            try (BodyWriter body = new BodyWriter(pageSize)) {
                long memory = Memory.allocate(3L * pageSize);
                run(pageSize, random, body, memory);
                Memory.free(memory);
            }
        });
    }

    private static void run(int pageSize, Random random, BodyWriter body, long memory) {
        long twin = memory + pageSize;
        long key = memory + 2L * pageSize;
        PageImage.begin(memory, pageSize, 1, TREE);
        InnerPage.firstChild(memory, LEFTMOST);
        Memory.copy(memory, twin, pageSize);
        TreeRecordHandler handler = new TreeRecordHandler();
        TestKeys keys = new TestKeys(random, pageSize);
        TreeMap<byte[], Long> model = new TreeMap<>(Arrays::compareUnsigned);
        for (int i = 0; i < 300; i++) {
            byte[] separator = keys.next(random);
            int room = INNER_ENTRY + SLOT_BYTES + separator.length;
            if (model.containsKey(separator) || PageEditor.spareBytes(memory, pageSize) < room) {
                continue;
            }
            long child = 1L + random.nextInt(1 << 20);
            Memory.copyFromArray(separator, 0, key, separator.length);
            body.reset().putStopBit(child).putStopBit(separator.length).putBytes(key, separator.length);
            handler.redo(TreeOperation.INNER_INSERT.code(), memory, pageSize, 5, body.address(), body.length());
            handler.redo(TreeOperation.INNER_INSERT.code(), twin, pageSize, 6, body.address(), body.length());
            model.put(separator, child);
        }
        assertEquals(pageSize, Memory.mismatch(memory, twin, pageSize));
        compare(pageSize, random, memory, key, model, keys);
        splitAndCompare(pageSize, random, memory, twin, model);
    }

    private static void compare(
            int pageSize, Random random, long page, long key, TreeMap<byte[], Long> model, TestKeys keys) {
        List<String> findings = new ArrayList<>();
        new PageCheck(pageSize, findings::add).at(page).check(TREE, new byte[0], new byte[0]);
        assertEquals(List.of(), findings);
        for (int i = 0; i < 500; i++) {
            byte[] wanted = keys.next(random);
            Memory.copyFromArray(wanted, 0, key, wanted.length);
            int at = InnerPage.childIndex(page, pageSize, key, wanted.length);
            int before = InnerPage.childIndexBefore(page, pageSize, key, wanted.length);
            var floor = model.floorEntry(wanted);
            var lower = model.lowerEntry(wanted);
            assertEquals(floor == null ? LEFTMOST : floor.getValue(), InnerPage.child(page, pageSize, at));
            assertEquals(lower == null ? LEFTMOST : lower.getValue(), InnerPage.child(page, pageSize, before));
        }
    }

    private static void splitAndCompare(
            int pageSize, Random random, long page, long twin, TreeMap<byte[], Long> model) {
        SplitPoint point = new SplitPoint();
        point.chooseInner(twin, pageSize, random.nextBoolean());
        byte[] separator = new byte[point.separatorLength];
        long memory = Memory.allocate(separator.length);
        point.separator(memory);
        Memory.copyToArray(memory, separator, 0, separator.length);
        PageEditor.truncate(page, pageSize, point.keep, memory, separator.length);
        Memory.free(memory);
        assertEquals(model.headMap(separator, false).size(), point.keep);
        assertEquals(model.get(separator), InnerPage.child(twin, pageSize, point.keep));
        List<String> findings = new ArrayList<>();
        new PageCheck(pageSize, findings::add).at(page).check(TREE, new byte[0], separator);
        assertEquals(List.of(), findings);
    }
}
