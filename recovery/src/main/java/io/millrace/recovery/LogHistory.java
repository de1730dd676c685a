package io.millrace.recovery;

/**
 * How many bytes of log had been written at which LSN, as far as it has been watched: a bounded number of samples. When they are used up, every
 * second one goes, and the next ones are taken at twice the distance. One thread.
 */
final class LogHistory {
    private static final int SAMPLES = 256;

    private final long[] lsns = new long[SAMPLES];
    private final long[] bytes = new long[SAMPLES];
    private int count;
    private long distance = 1;

    /** The log ends at {@code lsn}, after {@code written} bytes; neither ever falls. */
    void note(long lsn, long written) {
        if (count > 0 && written - bytes[count - 1] < distance) {
            return;
        }
        if (count == SAMPLES) {
            thin();
        }
        lsns[count] = lsn;
        bytes[count] = written;
        count++;
    }

    private void thin() {
        for (int i = 1; 2 * i < count; i++) {
            lsns[i] = lsns[2 * i];
            bytes[i] = bytes[2 * i];
        }
        count = (count + 1) / 2;
        distance = Math.max(distance, (bytes[count - 1] - bytes[0]) / count);
    }

    /** Nobody will ask for what lies before {@code lsn}. */
    void forgetBefore(long lsn) {
        int keep = Math.max(0, indexOf(lsns, lsn));
        System.arraycopy(lsns, keep, lsns, 0, count - keep);
        System.arraycopy(bytes, keep, bytes, 0, count - keep);
        count -= keep;
    }

    /** Bytes of log that had been written at {@code lsn}, rather too few than too many. */
    long bytesAt(long lsn) {
        int index = indexOf(lsns, lsn);
        return index < 0 ? 0 : bytes[index];
    }

    /** Where the log ended after {@code written} bytes, rather before than behind; 0 if that was before the first sample. */
    long lsnAt(long written) {
        int index = indexOf(bytes, written);
        return index < 0 ? 0 : lsns[index];
    }

    /** The last sample at or below {@code value}, -1 for none. */
    private int indexOf(long[] values, long value) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (values[middle] <= value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}
