package io.millrace.recovery;

import io.millrace.common.Memory;
import io.millrace.txn.LoggedRecord;
import io.millrace.wal.RecordKind;
import io.millrace.wal.RecordLayout;
import io.millrace.wal.RecordWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

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

    final List<Entry> entries = new ArrayList<>();

    /** So many records over pages 1 to {@code pages} - 1; some change one page twice, with another in between, some none. */
    static TestRecords random(Random random, int records, int pages) {
        TestRecords log = new TestRecords();
        long lsn = 0;
        for (int i = 0; i < records; i++) {
            lsn += 1 + random.nextInt(3);
            List<Change> changes = new ArrayList<>();
            int count = random.nextInt(4) == 0 ? random.nextInt(MAX_CHANGES) : 1;
            for (int j = 0; j < count; j++) {
                boolean again = j >= 2 && random.nextInt(3) == 0;
                long page = again ? changes.get(j - 2).pageId() : 1 + random.nextInt(pages - 1);
                byte[] body = new byte[1 + random.nextInt(200)];
                random.nextBytes(body);
                changes.add(new Change(page, RedoFixture.MIX, body));
            }
            log.add(lsn, random.nextBoolean() ? 0 : 1000 + random.nextInt(5), changes);
        }
        return log;
    }

    void add(long lsn, long transactionId, List<Change> changes) {
        entries.add(new Entry(lsn, transactionId, changes));
    }

    long endLsn() {
        return entries.get(entries.size() - 1).lsn();
    }

    /** Hands all of it to {@code consumer}, one after the other, in memory that is used again. */
    void forEach(Consumer<LoggedRecord> consumer) {
        RecordWriter writer = new RecordWriter(CAPACITY);
        LoggedRecord logged = new LoggedRecord();
        for (Entry entry : entries) {
            encode(writer.reset(), entry);
            consumer.accept(logged.wrap(entry.lsn(), writer.address(), writer.position()));
        }
    }

    private static void encode(RecordWriter writer, Entry entry) {
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
    }
}
