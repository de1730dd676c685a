/**
 * The public API of Millrace: an embedded, durable, ordered, transactional store for reactive applications.
 *
 * <p>The only package that wires the engine together. Publishers are cold, no call blocks, and a completed write is durable.
 */
package io.millrace;
