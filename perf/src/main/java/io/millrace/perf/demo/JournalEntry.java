package io.millrace.perf.demo;

import io.millrace.Codec;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What the journal says of a transfer; its key is the transfer's id.
 *
 * @param from account that paid
 * @param to account that was paid
 * @param amount how much
 * @param fromBalance balance of the first account after the transfer
 * @param toBalance balance of the second one after the transfer
 */
record JournalEntry(int from, int to, long amount, long fromBalance, long toBalance) {
    static final Codec<JournalEntry> CODEC = new JournalEntryCodec();

    boolean tells(Transfer transfer) {
        return from == transfer.from() && to == transfer.to() && amount == transfer.amount();
    }

    private static final class JournalEntryCodec implements Codec<JournalEntry> {
        private static final int TO = Integer.BYTES;
        private static final int AMOUNT = TO + Integer.BYTES;
        private static final int FROM_BALANCE = AMOUNT + Long.BYTES;
        private static final int TO_BALANCE = FROM_BALANCE + Long.BYTES;
        private static final int LENGTH = TO_BALANCE + Long.BYTES;

        @Override
        public int encode(JournalEntry value, MutableDirectBuffer out, int offset) {
            out.putInt(offset, value.from);
            out.putInt(offset + TO, value.to);
            out.putLong(offset + AMOUNT, value.amount);
            out.putLong(offset + FROM_BALANCE, value.fromBalance);
            out.putLong(offset + TO_BALANCE, value.toBalance);
            return LENGTH;
        }

        @Override
        public JournalEntry decode(DirectBuffer in, int offset, int length) {
            if (length != LENGTH) {
                throw new IllegalArgumentException("not a journal entry: " + length + " bytes");
            }
            return new JournalEntry(
                    in.getInt(offset),
                    in.getInt(offset + TO),
                    in.getLong(offset + AMOUNT),
                    in.getLong(offset + FROM_BALANCE),
                    in.getLong(offset + TO_BALANCE));
        }

        @Override
        public boolean orderPreserving() {
            return false;
        }
    }
}
