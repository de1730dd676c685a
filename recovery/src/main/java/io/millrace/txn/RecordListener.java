package io.millrace.txn;

import io.millrace.wal.CommitWaiter;

/** Told when the record of an operation is durable; under this name those who build records can pass it on without knowing the log. */
public interface RecordListener extends CommitWaiter {}
