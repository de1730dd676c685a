package io.millrace.recovery;

import io.millrace.txn.LoggedRecord;
import java.util.List;

/** Makes of the changes in a record what the reader of a {@link CommitReader} wants. Engine threads only, one at a time. */
public interface ChangeDecoder<T> {
    /** Adds what the record changes, in its order; nothing of what does not concern the reader. The record is valid during the call. */
    void decode(LoggedRecord changes, List<T> into);

    /** A record that belongs to no transaction and commits nothing: pages were written, split or freed. */
    void pass(LoggedRecord structure);

    /** The log is needed from here on to make use of the change; {@link Long#MAX_VALUE} if it is complete. */
    long neededLsn(T change);

    /** About how much memory a change takes. */
    long bytes(T change);
}
