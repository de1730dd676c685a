/**
 * Turns the results of a comparison into something to look at: a self-contained HTML page with charts, a table for the terminal, Markdown for a
 * document.
 *
 * <p>Start reading at {@code ReportCommand}; {@code Charts} says what is drawn, the resources beside it how.
 */
package io.millrace.perf.report;
