/**
 * Words every other package speaks: log positions, page identifiers, byte order, checksums and bounded arithmetic.
 *
 * <p>Knows the JDK and Agrona, nothing of Millrace but the error types.
 */
package io.millrace.common;
