/**
 * JMH suites, one class per question; the name of the class is the name of the benchmark.
 *
 * <p>{@code Suites} lists and runs them; {@code StoreState} is the store most of them measure, {@code PoolState} and {@code LogState} are single
 * rooms of the engine.
 */
package io.millrace.perf.jmh;
