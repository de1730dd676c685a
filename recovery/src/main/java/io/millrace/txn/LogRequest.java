package io.millrace.txn;

import io.millrace.common.Memory;
import java.util.Arrays;

/** What an operation wants to be read back from the log. Immutable. */
abstract sealed class LogRequest {
    /** Highest LSN that is asked for. */
    abstract long newestLsn();

    /** Those of some records that overwrote a version of one key. */
    static final class OfKey extends LogRequest {
        private final long treeId;
        private final byte[] key;
        private final long[] lsns;

        /** Records {@code newestFirst}, for the key in memory at {@code keyAddress}. */
        OfKey(long treeId, long keyAddress, int keyLength, long[] newestFirst) {
            this.treeId = treeId;
            key = new byte[keyLength];
            Memory.copyToArray(keyAddress, key, 0, keyLength);
            lsns = newestFirst;
        }

        @Override
        long newestLsn() {
            return lsns[0];
        }

        long[] lsns() {
            return lsns;
        }

        boolean isOf(long tree, long address, int length) {
            if (tree != treeId || length != key.length) {
                return false;
            }
            for (int i = 0; i < length; i++) {
                if (Memory.getByte(address + i) != key[i]) {
                    return false;
                }
            }
            return true;
        }

        boolean isOf(LoggedVersion version) {
            return version.treeId() == treeId && Arrays.equals(version.key(), key);
        }
    }

    /** The transaction's record with an LSN, and some before it. */
    static final class OfTransaction extends LogRequest {
        private final long transactionId;
        private final long lsn;
        private final long firstLsn;

        /** None below {@code firstLsn}. */
        OfTransaction(long transactionId, long lsn, long firstLsn) {
            this.transactionId = transactionId;
            this.lsn = lsn;
            this.firstLsn = firstLsn;
        }

        @Override
        long newestLsn() {
            return lsn;
        }

        long transactionId() {
            return transactionId;
        }

        long firstLsn() {
            return firstLsn;
        }
    }
}
