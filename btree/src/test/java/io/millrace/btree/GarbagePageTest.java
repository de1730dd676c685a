package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.testkit.Seeds;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** L8: whatever bytes a page has, reading it ends, stays within the page and does not throw. */
class GarbagePageTest {
    @ParameterizedTest
    @ValueSource(ints = {4096, 16384, 65536})
    void randomBytesDoNoHarm(int pageSize) {
        long page = Memory.allocate(pageSize);
        long key = Memory.allocate(pageSize);
        Seeds.forEach(20, (seed, random) -> {
            for (int i = 0; i < 50; i++) {
                fill(random, page, pageSize);
                fill(random, key, Limits.maxKey(pageSize));
                PageLayout.kind(page, random.nextBoolean() ? PageLayout.KIND_LEAF : PageLayout.KIND_INNER);
                if (random.nextBoolean()) {
                    // Plausible headers lead further in.
                    Memory.putShort(page + SlottedPageLayout.SLOT_COUNT, (short) random.nextInt(200));
                    Memory.putShort(page + SlottedPageLayout.PREFIX_LENGTH, (short) random.nextInt(4));
                }
                read(random, page, pageSize, key);
            }
        });
        Memory.free(page);
        Memory.free(key);
    }

    private static void fill(Random random, long address, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        Memory.copyFromArray(bytes, 0, address, length);
    }

    private static void read(Random random, long page, int pageSize, long key) {
        int keyLength = 1 + random.nextInt(Limits.maxKey(pageSize));
        int count = SlottedPageLayout.slotCount(page, pageSize);
        assertTrue(SlottedPageLayout.slot(page, count) <= page + pageSize);
        inside(
                page,
                pageSize,
                SlottedPageLayout.lowFence(page, pageSize),
                SlottedPageLayout.lowFenceLength(page, pageSize));
        inside(
                page,
                pageSize,
                SlottedPageLayout.highFence(page, pageSize),
                SlottedPageLayout.highFenceLength(page, pageSize));
        int found = PageSearch.find(page, pageSize, key, keyLength);
        assertTrue(found < count && -found - 1 <= count);
        int child = InnerPage.childIndex(page, pageSize, key, keyLength);
        assertTrue(child >= InnerPage.LEFTMOST && child < count);
        InnerPage.child(page, pageSize, child);
        InnerPage.child(page, pageSize, InnerPage.childIndexBefore(page, pageSize, key, keyLength));
        for (int i = 0; i < count; i++) {
            long entry = LeafPage.entry(page, pageSize, i);
            int suffix = LeafPage.suffixLength(page, pageSize, i);
            inside(page, pageSize, entry, SlottedPageLayout.LEAF_ENTRY + suffix);
            inside(page, pageSize, LeafPage.value(entry, suffix), LeafPage.valueLength(page, pageSize, entry, suffix));
        }
        locate(random, page, pageSize, key, keyLength);
    }

    private static void locate(Random random, long page, int pageSize, long key, int keyLength) {
        byte[] bound = new byte[1 + random.nextInt(20)];
        random.nextBytes(bound);
        boolean reverse = random.nextBoolean();
        ScanCursor cursor = new ScanCursor(
                reverse ? bound : null, random.nextBoolean(), reverse ? null : bound, random.nextBoolean(), reverse);
        LeafRange range = new LeafRange();
        long end = Memory.allocate(64);
        range.locate(page, pageSize, cursor, key, keyLength, end);
        Memory.free(end);
        assertTrue(
                range.from >= 0 && range.from <= range.to && range.to <= SlottedPageLayout.slotCount(page, pageSize));
    }

    private static void inside(long page, int pageSize, long address, int length) {
        assertTrue(length >= 0 && address >= page && address + length <= page + pageSize);
    }
}
