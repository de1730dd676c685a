package io.millrace.recovery;

/**
 * What checkpoints are to keep.
 *
 * @param intervalNanos longest time between two checkpoints of a store that is written to
 * @param logBytes longest log that a restart has to repeat
 * @param recoveryNanos longest time that this may take
 */
public record CheckpointTargets(long intervalNanos, long logBytes, long recoveryNanos) {}
