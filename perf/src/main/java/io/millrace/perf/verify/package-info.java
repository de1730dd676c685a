/**
 * {@code millrace verify}: checks a store that is not open, and salvages what can be read of a damaged one. Start at {@link
 * io.millrace.perf.verify.VerifyCommand}; the checks themselves are in {@code io.millrace.btree}.
 */
package io.millrace.perf.verify;
