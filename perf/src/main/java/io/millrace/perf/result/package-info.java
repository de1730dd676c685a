/**
 * Results of measurements as they are stored: JSON with machine and settings beside the figures.
 *
 * <p>Start reading at {@code Environment}; {@code Json} reads and writes the text.
 */
package io.millrace.perf.result;
