package io.millrace.perf.demo;

import io.millrace.Codec;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What the bank knows of an account.
 *
 * @param balance money on it, may be negative
 * @param transfers number of transfers that changed it
 */
record Account(long balance, long transfers) {
    static final Codec<Account> CODEC = new AccountCodec();

    Account add(long amount) {
        return new Account(balance + amount, transfers + 1);
    }

    private static final class AccountCodec implements Codec<Account> {
        private static final int LENGTH = 2 * Long.BYTES;

        @Override
        public int encode(Account value, MutableDirectBuffer out, int offset) {
            out.putLong(offset, value.balance);
            out.putLong(offset + Long.BYTES, value.transfers);
            return LENGTH;
        }

        @Override
        public Account decode(DirectBuffer in, int offset, int length) {
            if (length != LENGTH) {
                throw new IllegalArgumentException("not an account: " + length + " bytes");
            }
            return new Account(in.getLong(offset), in.getLong(offset + Long.BYTES));
        }

        @Override
        public boolean orderPreserving() {
            return false;
        }
    }
}
