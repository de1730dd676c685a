package io.millrace.recovery;

import io.millrace.common.Memory;
import io.millrace.wal.BlockConsumer;
import io.millrace.wal.BlockLayout;
import io.millrace.wal.RecordKind;
import io.millrace.wal.RecordLayout;
import io.millrace.wal.RecordWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.BufferUtil;

/** A log in memory, as {@link io.millrace.txn.MiniTransaction} would have written it. */
final class TestRecords {
    /** A change of a page. */
    static final class Change {
        private final long pageId;
        private final int operation;
        private final byte[] body;

        Change(long pageId, int operation, byte[] body) {
            this.pageId = pageId;
            this.operation = operation;
            this.body = body;
        }

        long pageId() {
            return pageId;
        }

        int operation() {
            return operation;
        }

        byte[] body() {
            return body;
        }
    }

    /** A record; the changes in their order. */
    record Entry(long lsn, long transactionId, List<Change> changes) {
        long stamp() {
            return transactionId != 0 ? transactionId : lsn;
        }
    }

    private static final int CAPACITY = 8192;
    private static final int MAX_CHANGES = 8;
    private static final int SLOT_BYTES = 256;
    /** Bytes of records in a block. */
    private static final int BLOCK_BYTES = 60_000;
    /** Blocks in a window: the reader changes windows when one is full, and at the end of each segment. */
    private static final int BLOCKS = 3;

    final List<Entry> entries = new ArrayList<>();
    private long endLsn;

    /** So many records over pages 1 to {@code pages} - 1; some change one page twice, with another in between, some none. */
    static TestRecords random(Random random, int records, int pages) {
        TestRecords log = new TestRecords();
        for (int i = 0; i < records; i++) {
            List<Change> changes = new ArrayList<>();
            int count = random.nextInt(4) == 0 ? random.nextInt(MAX_CHANGES) : 1;
            for (int j = 0; j < count; j++) {
                boolean again = j >= 2 && random.nextInt(3) == 0;
                long page = again ? changes.get(j - 2).pageId() : 1 + random.nextInt(pages - 1);
                byte[] body = new byte[1 + random.nextInt(200)];
                random.nextBytes(body);
                changes.add(new Change(page, RedoFixture.MIX, body));
            }
            log.add(random.nextBoolean() ? 0 : 1000 + random.nextInt(5), changes);
        }
        return log;
    }

    /** Adds a record; answers its LSN. */
    long add(long transactionId, List<Change> changes) {
        Entry entry = new Entry(0, transactionId, changes);
        endLsn += RecordLayout.slots(encode(new RecordWriter(CAPACITY), entry), SLOT_BYTES);
        entries.add(new Entry(endLsn, transactionId, changes));
        return endLsn;
    }

    long endLsn() {
        return endLsn;
    }

    /** Hands all of it to {@code consumer}, block after block, in the memory it provides. */
    void writeTo(BlockConsumer consumer) {
        RecordWriter writer = new RecordWriter(CAPACITY);
        long end = 0;
        int blocks = 0;
        for (int next = 0; next < entries.size(); blocks++) {
            end = blocks % BLOCKS == 0 ? BufferUtil.address(consumer.nextWindow()) : end;
            long block = end;
            int first = next;
            end += BlockLayout.HEADER_LENGTH;
            while (next < entries.size() && end - block < BLOCK_BYTES) {
                int length = encode(writer.reset(), entries.get(next++));
                Memory.copy(writer.address(), end, length);
                end += length;
            }
            Memory.putInt(block + BlockLayout.BODY_LENGTH, (int) (end - block) - BlockLayout.HEADER_LENGTH);
            Memory.putLong(
                    block + BlockLayout.FIRST_LSN,
                    first == 0 ? 1 : entries.get(first - 1).lsn() + 1);
            Memory.putLong(block + BlockLayout.LAST_LSN, entries.get(next - 1).lsn());
            Memory.putInt(block + BlockLayout.RECORD_COUNT, next - first);
            Memory.putShort(block + BlockLayout.SLOT_SIZE, (short) (SLOT_BYTES / BlockLayout.SLOT_UNIT));
            consumer.block(block, (int) (end - block));
        }
    }

    /** Answers the length. */
    private static int encode(RecordWriter writer, Entry entry) {
        boolean transactional = entry.transactionId() != 0;
        writer.putInt(0)
                .putByte((entry.changes().isEmpty() ? RecordKind.COMMIT : RecordKind.MINI_TRANSACTION).code())
                .putByte(transactional ? RecordLayout.FLAG_TRANSACTIONAL : 0)
                .putShort(entry.changes().size());
        if (transactional) {
            writer.putLong(entry.transactionId()).putLong(0);
        }
        for (Change change : entry.changes()) {
            byte[] body = change.body();
            writer.putStopBit(change.pageId())
                    .putLong(0)
                    .putByte(change.operation())
                    .putStopBit(body.length);
            long copy = Memory.allocate(body.length);
            Memory.copyFromArray(body, 0, copy, body.length);
            writer.putBytes(copy, body.length);
            Memory.free(copy);
        }
        writer.patchInt(RecordLayout.LENGTH, writer.position());
        return writer.position();
    }
}
