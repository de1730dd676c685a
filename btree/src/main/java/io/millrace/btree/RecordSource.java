package io.millrace.btree;

import io.millrace.txn.LoggedRecord;
import java.util.function.Consumer;

/** Finds records of the log by their LSN. */
@FunctionalInterface
public interface RecordSource {
    /**
     * Hands over the record with this LSN; it is valid during the call.
     *
     * @throws io.millrace.error.LogPositionGoneException if the log does not have it any more
     */
    void read(long lsn, Consumer<LoggedRecord> reader);
}
