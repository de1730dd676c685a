/**
 * Tools for tests of several modules: a simulated disk behind the storage interfaces, seeds that can be replayed, model oracles.
 *
 * <p>Used with test scope only.
 */
package io.millrace.testkit;
