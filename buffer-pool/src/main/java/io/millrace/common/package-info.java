/**
 * Words every other package speaks: log positions, page identifiers, byte order, checksums and bounded arithmetic. Start
 * with {@link io.millrace.common.Memory}, raw native memory by address, {@link io.millrace.common.Crc32c}, and
 * {@link io.millrace.common.EngineThreads}, the one door to threads and time.
 *
 * <p>Knows the JDK and Agrona, nothing of Millrace but the error types. Nothing here blocks but what waits for threads, and what is on the hot path
 * allocates nothing.
 */
package io.millrace.common;
