package io.millrace;

import java.time.Duration;

/**
 * What {@link Store#compact} has done.
 *
 * @param bytesBefore length of the data file when it began
 * @param bytesAfter length of the data file at its end; longer than before only if others wrote more meanwhile than it saved
 * @param pagesMerged pages whose content went to a neighbour's, which were freed by that
 * @param pagesMoved pages that found a place nearer to the beginning of the file
 * @param duration from its beginning to its end; what came before it in line is not counted
 */
public record CompactInfo(long bytesBefore, long bytesAfter, long pagesMerged, long pagesMoved, Duration duration) {}
