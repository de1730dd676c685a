package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.SpaceMap;
import java.util.Collection;
import java.util.function.LongConsumer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongArrayList;

/**
 * For those who read the log forward: the long values whose pages have been passed and that no change has linked yet, each with the LSN of its
 * first record. A change that links one needs the log from there on. Bounded: beyond a thousand of them all are forgotten. One thread.
 */
public final class PendingLongValues {
    private static final long NONE = 0;
    private static final int MOST = 1024;

    private final Long2LongHashMap firstLsns = new Long2LongHashMap(NONE);
    private final LongArrayList linked = new LongArrayList();

    /** A record that belongs to no transaction: pages are written or freed. */
    public void pass(LoggedRecord record) {
        boolean written = false;
        linked.clear();
        while (record.nextChange()) {
            if (record.changeOperation() == SpaceMap.SET && !firstLsns.isEmpty()) {
                forEachPage(record, linked::addLong);
            }
            written |= record.changeOperation() == TreeOperation.LONG_VALUE.code();
            if (record.changeOperation() == TreeOperation.LONG_VALUE.code()) {
                long next = Memory.getLong(record.changeBody());
                long first = next == 0 ? NONE : firstLsns.remove(next);
                if (firstLsns.size() >= MOST) {
                    firstLsns.clear();
                }
                firstLsns.put(record.changePage(), first == NONE ? record.lsn() : first);
            } else if (record.changeOperation() == SpaceMap.CLEAR && !firstLsns.isEmpty()) {
                forEachPage(record, firstLsns::remove);
            }
        }
        if (!written) {
            // A loaded page refers to them. Where a value grows by a page, that page is its head now, and pending.
            linked.forEachLong(firstLsns::remove);
        }
    }

    private static void forEachPage(LoggedRecord record, LongConsumer action) {
        for (int at = 0; at < record.changeLength(); at += Integer.BYTES) {
            // A page of the space map describes the pages from the one before it on; the first one, too.
            action.accept(record.changePage() - 1 + Memory.getInt(record.changeBody() + at));
        }
    }

    /** The value is linked; answers the LSN of its first record, {@link Long#MAX_VALUE} if that is not known. */
    long linked(long head) {
        long first = firstLsns.remove(head);
        return first == NONE ? Long.MAX_VALUE : first;
    }

    /** From here on the log is needed for them. */
    public long neededLsn() {
        Collection<Long> lsns = firstLsns.values();
        long needed = Long.MAX_VALUE;
        for (long lsn : lsns) {
            needed = Math.min(needed, lsn);
        }
        return needed;
    }

    /** What lies before is gone: those values are read from elsewhere, if they are ever linked. */
    public void forgetBefore(long lsn) {
        firstLsns.values().removeIf(first -> first < lsn);
    }
}
