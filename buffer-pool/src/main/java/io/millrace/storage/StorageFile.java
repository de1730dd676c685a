package io.millrace.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One open file of a {@link StorageDirectory}.
 *
 * <p>Thread-safe: all positions are explicit. Every method may block: call from engine threads only (L12); the
 * interrupt flag of the calling thread is set aside during the call and restored. Give direct buffers: a heap buffer is
 * copied by the JDK. After {@link #close} every method throws {@link java.nio.channels.ClosedChannelException}.
 *
 * <p>A failed {@link #write} or {@link #force} is final (L9): what is on the disk is then unknown, and a later force
 * that succeeds proves nothing.
 */
public interface StorageFile extends AutoCloseable {

    /** The name it was opened by. */
    String name();

    /**
     * Reads until the buffer is full or the file ends.
     *
     * @return the bytes read; less than asked for only at the end of the file, 0 behind it
     */
    int read(long position, ByteBuffer dst) throws IOException;

    /**
     * Writes the whole buffer, continuing short writes; grows the file if need be, with zeros in between. Not durable
     * before {@link #force}, unless opened with {@link OpenFlag#DSYNC}.
     *
     * @throws NoSpaceException if the disk is full; a part of the buffer may have been written
     */
    void write(long position, ByteBuffer src) throws IOException;

    /** Makes all earlier writes durable, the size included; with {@code metadata} also times and the like. */
    void force(boolean metadata) throws IOException;

    /** The present size in bytes. */
    long size() throws IOException;

    /** Cuts the file to at most this size. Durable after {@link #force}. */
    void truncate(long size) throws IOException;

    /** Closes without forcing. Idempotent. */
    @Override
    void close() throws IOException;
}
