package io.millrace.perf.compare;

import java.util.Locale;

/** What the machine itself does, without any store. */
enum Floor {
    /** 4 KiB written and forced, one thread, in a file filled before. */
    FSYNC("forces/s"),
    /** Entries copied out of memory, at random, one thread. */
    COPY("entries/s"),
    /** 4 KiB read at random past the page cache, one thread. */
    READ("reads/s"),
    /** Entries' bytes written one after another, one force at the end. */
    WRITE("entries/s");

    private final String unit;

    Floor(String unit) {
        this.unit = unit;
    }

    String unit() {
        return unit;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
