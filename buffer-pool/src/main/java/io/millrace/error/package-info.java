/**
 * The errors of the store, one type per thing a caller can do next, all under
 * {@link io.millrace.error.MillraceException}.
 *
 * <p>Knows nothing but the JDK. Transient (run the transaction again) are exactly conflict, deadlock, lock time-out and
 * snapshot too old; they are frequent and carry no stack trace.
 */
package io.millrace.error;
