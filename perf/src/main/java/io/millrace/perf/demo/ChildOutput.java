package io.millrace.perf.demo;

import io.millrace.error.MillraceException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The standard output of a child JVM: unlike {@code System.out} it does not hide that the parent is gone. */
final class ChildOutput {
    private final OutputStream out = new FileOutputStream(FileDescriptor.out);

    OutputStream stream() {
        return out;
    }

    void send(Message message) {
        try {
            out.write((message.line() + '\n').getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the parent is gone", e);
        }
    }

    /** Tells the parent why this JVM ends. */
    void fail(Throwable cause) {
        String name = cause.getClass().getSimpleName();
        send(new Message.Failed(cause.getMessage() == null ? name : name + ": " + cause.getMessage()));
        if (!(cause instanceof MillraceException)) {
            cause.printStackTrace();
        }
    }
}
