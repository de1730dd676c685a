package io.millrace.btree;

import io.millrace.common.Memory;

/**
 * An entry of a load on its way through sorting: {@code u32 key length | u32 value length | u8 1 if the value is the reference of a long one |
 * key | value}, little-endian, in memory and in temporary files.
 */
final class EntryOrder {
    static final int HEADER = 9;

    private static final int VALUE_LENGTH = 4;
    private static final int LONG = 8;

    private EntryOrder() {}

    static void write(long entry, int keyLength, int valueLength, boolean isLong) {
        Memory.putInt(entry, keyLength);
        Memory.putInt(entry + VALUE_LENGTH, valueLength);
        Memory.putByte(entry + LONG, (byte) (isLong ? 1 : 0));
    }

    static int keyLength(long entry) {
        return Memory.getInt(entry);
    }

    static int valueLength(long entry) {
        return Memory.getInt(entry + VALUE_LENGTH);
    }

    static boolean isLong(long entry) {
        return Memory.getByte(entry + LONG) != 0;
    }

    static int bytes(long entry) {
        return HEADER + keyLength(entry) + valueLength(entry);
    }

    /** Compares the keys of two entries. */
    static int compare(long entry, long other) {
        return Memory.compareUnsigned(entry + HEADER, keyLength(entry), other + HEADER, keyLength(other));
    }

    /** The first eight bytes of the key, filled up with zeros, as a big-endian number to be compared unsigned. */
    static long head(long entry) {
        int length = keyLength(entry);
        if (length >= Long.BYTES) {
            return Long.reverseBytes(Memory.getLong(entry + HEADER));
        }
        long head = 0;
        for (int i = 0; i < length; i++) {
            head |= (long) Memory.getUnsignedByte(entry + HEADER + i) << 56 - Byte.SIZE * i;
        }
        return head;
    }

    /** Sorts {@code count} addresses of entries by their keys; of equal keys the order stays. Merge sort, from runs of one. */
    static long[] sort(long[] entries, int count) {
        long[] from = entries;
        long[] to = new long[count];
        long[] heads = new long[count];
        long[] otherHeads = new long[count];
        for (int i = 0; i < count; i++) {
            heads[i] = head(entries[i]);
        }
        for (int width = 1; width < count; width *= 2) {
            for (int low = 0; low < count; low += 2 * width) {
                int middle = Math.min(low + width, count);
                merge(from, heads, to, otherHeads, low, middle, Math.min(middle + width, count));
            }
            long[] swap = from;
            from = to;
            to = swap;
            swap = heads;
            heads = otherHeads;
            otherHeads = swap;
        }
        return from;
    }

    private static void merge(long[] from, long[] fromHeads, long[] to, long[] toHeads, int low, int middle, int high) {
        int left = low;
        int right = middle;
        for (int i = low; i < high; i++) {
            boolean takesLeft = right >= high || left < middle && isInOrder(from, fromHeads, left, right);
            int taken = takesLeft ? left++ : right++;
            to[i] = from[taken];
            toHeads[i] = fromHeads[taken];
        }
    }

    private static boolean isInOrder(long[] entries, long[] heads, int left, int right) {
        int order = Long.compareUnsigned(heads[left], heads[right]);
        return order < 0 || order == 0 && compare(entries[left], entries[right]) <= 0;
    }
}
