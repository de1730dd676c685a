package io.millrace.perf.demo;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads lines that end with a line feed. What stands behind the last one was cut off by a kill and is no line. */
final class WholeLines implements Closeable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private int position;
    private int limit;

    WholeLines(InputStream in) {
        this.in = in;
    }

    /** The next line without its line feed, null at the end. */
    String next() throws IOException {
        while (true) {
            for (int i = position; i < limit; i++) {
                if (buffer[i] == '\n') {
                    begun.write(buffer, position, i - position);
                    position = i + 1;
                    String line = begun.toString(StandardCharsets.UTF_8);
                    begun.reset();
                    return line;
                }
            }
            begun.write(buffer, position, limit - position);
            position = 0;
            limit = Math.max(0, in.read(buffer));
            if (limit == 0) {
                return null;
            }
        }
    }

    /** Whether a line was begun and not ended; of interest at the end. */
    boolean hasCutLine() {
        return begun.size() > 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
