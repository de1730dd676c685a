/**
 * The comparison with what a user would pick instead: the same workloads for every contender, each in a JVM of its own, beside the raw floor
 * of the machine.
 *
 * <p>Start reading at {@code CompareCommand}, which goes through the {@code Plan}; {@code ContenderJvm} is what runs in the child. A
 * {@code Contender} is a store as its user would set it up; the implementations live in {@code io.millrace.perf.peer}.
 */
package io.millrace.perf.compare;
