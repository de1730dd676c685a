package io.millrace.wal;

/** Work in parts: a second thread that runs it does what is left, and the first one goes on with that when it is free again. */
public interface SharedWork extends Runnable {}
