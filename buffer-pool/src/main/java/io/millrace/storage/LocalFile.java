package io.millrace.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A {@link StorageFile} over a {@link FileChannel}. Allocates nothing per read or write of a direct buffer. */
final class LocalFile implements StorageFile {

    private final String name;
    private final String path;
    private final FileChannel channel;

    LocalFile(String name, String path, FileChannel channel) {
        this.name = name;
        this.path = path;
        this.channel = channel;
        Interrupts.makeImmune(channel);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int read(long position, ByteBuffer dst) throws IOException {
        boolean interrupted = Interrupts.setAside();
        try {
            int total = 0;
            while (dst.hasRemaining()) {
                int count = channel.read(dst, position + total);
                if (count < 0) {
                    break;
                }
                total += count;
            }
            return total;
        } finally {
            Interrupts.restore(interrupted);
        }
    }

    @Override
    public void write(long position, ByteBuffer src) throws IOException {
        boolean interrupted = Interrupts.setAside();
        try {
            long next = position;
            while (src.hasRemaining()) {
                int count = channel.write(src, next);
                if (count <= 0) {
                    throw new IOException("the system wrote nothing to " + path + " at position " + next);
                }
                next += count;
            }
        } catch (IOException failure) {
            throw FullDisk.translate(path, failure);
        } finally {
            Interrupts.restore(interrupted);
        }
    }

    @Override
    public void force(boolean metadata) throws IOException {
        boolean interrupted = Interrupts.setAside();
        try {
            channel.force(metadata);
        } catch (IOException failure) {
            throw FullDisk.translate(path, failure);
        } finally {
            Interrupts.restore(interrupted);
        }
    }

    @Override
    public long size() throws IOException {
        boolean interrupted = Interrupts.setAside();
        try {
            return channel.size();
        } finally {
            Interrupts.restore(interrupted);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        boolean interrupted = Interrupts.setAside();
        try {
            channel.truncate(size);
        } finally {
            Interrupts.restore(interrupted);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return path;
    }
}
