/**
 * The crash demo: a bank in a store, a child JVM that transfers money until it is killed, and an audit of what the next JVM finds.
 *
 * <p>{@code Demo} is the parent; {@code DemoWorker}, {@code DemoRecover} and {@code DemoVerify} run in child JVMs and talk to it over
 * their standard output in lines that {@code Message} defines. {@code Bank} is the only class that touches the store.
 */
package io.millrace.perf.demo;
