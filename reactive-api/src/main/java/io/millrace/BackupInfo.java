package io.millrace;

import java.time.Duration;

/**
 * A finished backup.
 *
 * @param lsn everything committed up to here is in it, nothing that was committed behind
 * @param bytes bytes written
 * @param files files written
 * @param duration how long it took
 */
public record BackupInfo(long lsn, long bytes, int files, Duration duration) {}
