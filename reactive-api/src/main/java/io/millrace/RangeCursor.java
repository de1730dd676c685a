package io.millrace;

import io.millrace.btree.ScanCursor;
import io.millrace.txn.Workspace;
import java.util.Arrays;

/** Makes the cursor of a range of typed keys. */
final class RangeCursor {
    private RangeCursor() {}

    /** The cursor before the first entry of {@code range}; throws what is wrong with its arguments. */
    static <K> ScanCursor of(MapAccess<K, ?> map, Range<K> range, Workspace workspace) {
        return cursor(map, range, workspace, range.isReversed());
    }

    /** The same, from low keys to high ones whatever the range's own order. */
    static <K> ScanCursor forward(MapAccess<K, ?> map, Range<K> range, Workspace workspace) {
        return cursor(map, range, workspace, false);
    }

    private static <K> ScanCursor cursor(MapAccess<K, ?> map, Range<K> range, Workspace workspace, boolean reversed) {
        boolean hasLower = range.lower().kind() != Range.Kind.NONE;
        boolean hasUpper = range.upper().kind() != Range.Kind.NONE;
        byte[] lower = hasLower ? map.bound(workspace, range.lower().key()) : null;
        byte[] upper = hasUpper ? map.bound(workspace, range.upper().key()) : null;
        if (range.lower().kind() == Range.Kind.PREFIX) {
            upper = behindPrefix(lower);
        }
        return new ScanCursor(
                lower,
                range.lower().kind() != Range.Kind.EXCLUSIVE,
                upper,
                range.upper().kind() == Range.Kind.INCLUSIVE,
                reversed);
    }

    /** The smallest bytes greater than all that begin with {@code prefix}; null if there are none such. */
    static byte[] behindPrefix(byte[] prefix) {
        int length = prefix.length;
        while (length > 0 && prefix[length - 1] == (byte) 0xFF) {
            length--;
        }
        if (length == 0) {
            return null;
        }
        byte[] behind = Arrays.copyOf(prefix, length);
        behind[length - 1]++;
        return behind;
    }

    /** Throws what is wrong with the arguments {@code range} was made of. */
    static void check(Range<?> range) {
        RuntimeException flaw = MapAccess.notNull(range, "the range").flaw();
        if (flaw != null) {
            throw flaw;
        }
    }
}
