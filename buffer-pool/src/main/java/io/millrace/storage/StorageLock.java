package io.millrace.storage;

import java.io.IOException;

/** An exclusive lock on a store, held until closed or until the process ends. Closing twice is harmless. */
public interface StorageLock extends AutoCloseable {

    @Override
    void close() throws IOException;
}
