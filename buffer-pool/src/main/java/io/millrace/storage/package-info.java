/**
 * The one door to the disk: {@link io.millrace.storage.StorageDirectory} and {@link io.millrace.storage.StorageFile}.
 * Nobody else uses {@code FileChannel} or {@code Files}.
 *
 * <p>Knows the JDK and {@code io.millrace.error}. Everything here may block and is for engine threads only (L12).
 * {@link io.millrace.storage.LocalDirectory} is the file system; the simulated disk of the tests is in testkit.
 */
package io.millrace.storage;
