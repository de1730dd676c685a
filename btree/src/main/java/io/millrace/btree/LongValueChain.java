package io.millrace.btree;

import io.millrace.common.Memory;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/** Follows the pages of a long value where they can be read one after another: for who checks a store and for who salvages it. One thread at a time. */
final class LongValueChain {
    private final PageSource source;
    private final int pageSize;
    private final long page;

    LongValueChain(PageSource source) {
        this.source = source;
        pageSize = source.pageSize();
        page = Memory.allocateOwned(this, pageSize);
    }

    /**
     * Checks the value with the reference at this address.
     *
     * @param firstReach told of each of its pages, answers whether it was reached for the first time
     * @param findings told what is wrong
     */
    void check(long reference, LongPredicate firstReach, Consumer<String> findings) {
        int length = LongValueLayout.length(reference);
        if (length <= Limits.maxValue(pageSize) || length > Limits.MAX_LONG_VALUE) {
            findings.accept("has a long value of " + length + " bytes");
            return;
        }
        follow(reference, null, firstReach, findings);
    }

    /** The value with the reference at this address, null if it can't be read. */
    byte[] read(long reference) {
        int length = LongValueLayout.length(reference);
        if (length < 0 || length > Limits.MAX_LONG_VALUE) {
            return null;
        }
        byte[] value = new byte[length];
        return follow(reference, value, pageId -> true, finding -> {}) ? value : null;
    }

    private boolean follow(long reference, byte[] value, LongPredicate firstReach, Consumer<String> findings) {
        long next = LongValueLayout.head(reference);
        long lsn = LongValueLayout.headLsn(reference);
        int rest = LongValueLayout.length(reference);
        int length = rest;
        while (rest > 0) {
            long pageId = next;
            if (!firstReach.test(pageId)) {
                findings.accept("has a long value with page " + pageId + ", which is reached twice");
                return false;
            }
            if (!source.copyPart(pageId, page) || !LongValueLayout.isPart(page, lsn, rest)) {
                findings.accept("has a long value of " + length + " bytes whose page " + pageId
                        + " is not what it should be, " + rest + " bytes before its end");
                return false;
            }
            int bytes = Math.min(rest, LongValueLayout.capacity(pageSize));
            if (value != null) {
                Memory.copyToArray(LongValueLayout.bytes(page), value, length - rest, bytes);
            }
            rest -= bytes;
            next = LongValueLayout.next(page);
            lsn = LongValueLayout.nextLsn(page);
        }
        if (next != 0) {
            findings.accept("has a long value that goes on behind its end, with page " + next);
        }
        return true;
    }

    /** Reaches all pages of a value that nothing refers to, from its first one on. */
    void reachPending(long head, LongPredicate firstReach) {
        long next = head;
        while (next != 0 && firstReach.test(next) && source.copyPart(next, page) && LongValueLayout.isPart(page)) {
            next = LongValueLayout.next(page);
        }
    }
}
