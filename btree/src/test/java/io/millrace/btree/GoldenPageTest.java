package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.txn.Stamps;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The bytes of tree pages, as they have been since format version 1. With {@code -Dmillrace.golden=btree/src/test/resources/golden} the
 * files are written anew; a person reviews the difference.
 */
class GoldenPageTest {
    private static final int PAGE = 4096;
    private static final int LINE = 16;
    private static final String REWRITE = "millrace.golden";

    @Test
    void leaf() throws IOException {
        try (BodyWriter body = new BodyWriter(PAGE)) {
            long page = Memory.allocate(3L * PAGE);
            PageImage.begin(page, PAGE, 0, 5);
            fences(page, "user10", "user20");
            put(page, body, "user11", "one", 0x0102030405060708L, false);
            put(page, body, "user105", "", 3, true);
            put(page, body, "user1234567", "a longer value", Stamps.transaction(2, 77), false);
            put(page, body, "user11", "I", 9, false);
            PageLayout.pageId(page, 42);
            PageLayout.pageLsn(page, 1234);
            compare(page, "leaf-v1.txt");
            Memory.free(page);
        }
    }

    @Test
    void inner() throws IOException {
        try (BodyWriter body = new BodyWriter(PAGE)) {
            long page = Memory.allocate(3L * PAGE);
            PageImage.begin(page, PAGE, 1, 5);
            fences(page, "user", "userx");
            InnerPage.firstChild(page, 100);
            insert(page, body, "users", 102);
            insert(page, body, "userabc", 101);
            PageLayout.pageId(page, 43);
            PageLayout.pageLsn(page, 1235);
            compare(page, "inner-v1.txt");
            Memory.free(page);
        }
    }

    @Test
    void longValue() throws IOException {
        try (BodyWriter body = new BodyWriter(PAGE)) {
            long page = Memory.allocate(3L * PAGE);
            PageImage.begin(page, PAGE, 0, 5);
            fences(page, "user10", "user20");
            LeafChange change = change(page, "user11", "");
            LongValueLayout.writeReference(change.value, 77, 1236, 4100);
            change.valueLength = LongValueLayout.REFERENCE_BYTES;
            change.isLong = true;
            put(page, body, change, 1240);
            PageLayout.pageId(page, 44);
            PageLayout.pageLsn(page, 1240);
            compare(page, "leaf-long-v1.txt");
            byte[] last =
                    "the last 56 bytes of a value that has 4100 bytes in all.".getBytes(StandardCharsets.US_ASCII);
            Memory.copyFromArray(last, 0, page + PAGE, last.length);
            body.reset().putLong(0).putLong(0).putInt(last.length).putBytes(page + PAGE, last.length);
            new TreeRecordHandler().redo(TreeOperation.LONG_VALUE.code(), page, PAGE, 0, body.address(), body.length());
            PageLayout.pageId(page, 78);
            PageLayout.pageLsn(page, 1235);
            compare(page, "long-value-v1.txt");
            Memory.free(page);
        }
    }

    private static void fences(long page, String low, String high) {
        long lowKey = page + PAGE;
        long highKey = lowKey + low.length();
        write(lowKey, low);
        write(highKey, high);
        PageImage.fences(page, PAGE, lowKey, low.length(), highKey, high.length());
    }

    private static void put(long page, BodyWriter body, String key, String value, long stamp, boolean ghost) {
        LeafChange change = change(page, key, value);
        change.ghost = ghost;
        put(page, body, change, stamp);
    }

    private static LeafChange change(long page, String key, String value) {
        LeafChange change = new LeafChange();
        change.treeId = 5;
        change.key = page + PAGE;
        change.keyLength = write(change.key, key);
        change.value = page + 2L * PAGE;
        change.valueLength = write(change.value, value);
        return change;
    }

    private static void put(long page, BodyWriter body, LeafChange change, long stamp) {
        change.write(body.reset());
        new TreeRecordHandler().redo(TreeOperation.LEAF_PUT.code(), page, PAGE, stamp, body.address(), body.length());
    }

    private static void insert(long page, BodyWriter body, String separator, long child) {
        int length = write(page + PAGE, separator);
        body.reset().putStopBit(child).putStopBit(length).putBytes(page + PAGE, length);
        new TreeRecordHandler().redo(TreeOperation.INNER_INSERT.code(), page, PAGE, 0, body.address(), body.length());
    }

    private static int write(long address, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Memory.copyFromArray(bytes, 0, address, bytes.length);
        return bytes.length;
    }

    private static void compare(long page, String name) throws IOException {
        String found = dump(page);
        String target = System.getProperty(REWRITE);
        if (target != null) {
            Files.writeString(Path.of(target, name), found);
        }
        try (InputStream golden = GoldenPageTest.class.getResourceAsStream("/golden/" + name)) {
            assertEquals(new String(golden.readAllBytes(), StandardCharsets.US_ASCII), found);
        }
    }

    /** Offset and bytes, sixteen a line; lines of zeros are left out. */
    private static String dump(long page) {
        StringBuilder text = new StringBuilder();
        for (int line = 0; line < PAGE; line += LINE) {
            StringBuilder bytes = new StringBuilder(String.format("%04x ", line));
            boolean some = false;
            for (int i = line; i < line + LINE; i++) {
                int value = Memory.getUnsignedByte(page + i);
                some |= value != 0;
                bytes.append(String.format(" %02x", value));
            }
            if (some) {
                text.append(bytes).append('\n');
            }
        }
        return text.toString();
    }
}
