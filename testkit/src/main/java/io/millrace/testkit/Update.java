package io.millrace.testkit;

import java.util.Arrays;
import java.util.List;

/** A change of a file's content that has not been forced. Immutable. */
sealed interface Update {

    /** Bytes at a position; {@code orphaned} once a force of it has failed: no later force makes it durable. */
    final class Write implements Update {

        private final long position;
        private final byte[] bytes;
        private final boolean orphaned;

        Write(long position, byte[] bytes, boolean orphaned) {
            this.position = position;
            this.bytes = bytes;
            this.orphaned = orphaned;
        }

        long position() {
            return position;
        }

        byte[] bytes() {
            return bytes;
        }

        boolean orphaned() {
            return orphaned;
        }

        long end() {
            return position + bytes.length;
        }

        Write orphan() {
            return new Write(position, bytes, true);
        }

        /** What remains outside a range that something newer has covered on the disk. */
        List<Write> outside(long from, long to) {
            if (to <= position || from >= end()) {
                return List.of(this);
            }
            Write before = part(position, Math.max(position, from));
            Write after = part(Math.min(end(), to), end());
            return List.of(before, after).stream()
                    .filter(part -> part.bytes.length > 0)
                    .toList();
        }

        Write flip(long at, int bit) {
            if (at < position || at >= end()) {
                return this;
            }
            byte[] flipped = bytes.clone();
            flipped[(int) (at - position)] ^= (byte) (1 << bit);
            return new Write(position, flipped, orphaned);
        }

        private Write part(long from, long to) {
            return new Write(from, Arrays.copyOfRange(bytes, (int) (from - position), (int) (to - position)), orphaned);
        }
    }

    /** The end of the file moved to a smaller size. */
    record Truncate(long size) implements Update {}
}
