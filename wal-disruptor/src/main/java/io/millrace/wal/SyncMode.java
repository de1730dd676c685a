package io.millrace.wal;

import io.millrace.storage.OpenFlag;

/** How a batch reaches the disk, and so what a completed commit has survived. */
public enum SyncMode {
    /** Written, then forced (fdatasync). */
    FORCE,
    /** Written through: the write returns when it is durable (O_DSYNC). */
    DSYNC,
    /** Written past the page cache (O_DIRECT) in whole 4 KiB, then forced: no sector that holds acknowledged records is written again. */
    DIRECT,
    /** Written; forced after an interval. The death of the process loses nothing, power loss the last interval. */
    INTERVAL,
    /** Written; forced only when something rests on it: pages, checkpoints, the next segment, the close. */
    NONE;

    private static final int DIRECT_UNIT = 4096;

    /** Whether commits are answered, and seen, before they are durable. */
    public boolean lags() {
        return this == INTERVAL || this == NONE;
    }

    OpenFlag[] flags() {
        return switch (this) {
            case DSYNC -> new OpenFlag[] {OpenFlag.DSYNC};
            case DIRECT -> new OpenFlag[] {OpenFlag.DIRECT};
            default -> new OpenFlag[0];
        };
    }

    /** Whether a write alone makes nothing durable. */
    boolean needsForce() {
        return this != DSYNC;
    }

    /** Bytes that a block of this length takes in a segment. */
    long space(long blockLength) {
        return this == DIRECT ? blockLength + DIRECT_UNIT - 1 & -DIRECT_UNIT : blockLength;
    }

    /** How much of this room blocks can fill. */
    long usable(long room) {
        return this == DIRECT ? room & -DIRECT_UNIT : room;
    }
}
