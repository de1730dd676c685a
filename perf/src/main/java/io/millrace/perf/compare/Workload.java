package io.millrace.perf.compare;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is measured in one run of a contender's JVM; each has one or more cells. */
enum Workload {
    /** Durable puts of single keys, by number in flight. */
    COMMIT(Floor.FSYNC),
    /** Two balances in one transaction. */
    TRANSFER(Floor.FSYNC),
    /** Point reads and scans, everything in memory. */
    READ(Floor.COPY),
    /** Filling an empty store. */
    LOAD(Floor.WRITE),
    /** Nine reads to one durable put. */
    MIX(Floor.FSYNC),
    /** The core workloads of YCSB. */
    YCSB(Floor.FSYNC),
    /** Random reads of more data than memory. */
    LARGE(Floor.READ),
    /** Opening after kill -9. */
    REOPEN(Floor.FSYNC),
    /** Forces per commit, counted from outside. */
    SYNCS(null);

    private final Floor floor;

    Workload(Floor floor) {
        this.floor = floor;
    }

    /** What its figures are set beside; null for none. */
    Floor floor() {
        return floor;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> ids() {
        return Arrays.stream(values()).map(Workload::id).toList();
    }

    static Workload named(String id) {
        return Arrays.stream(values())
                .filter(workload -> workload.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no workload is called " + id + ", only " + ids()));
    }

    /** Cells that last as long as the scale says. */
    int timedCells(Scale scale) {
        return switch (this) {
            case COMMIT -> scale.inFlight().size();
            case TRANSFER, LARGE -> 2;
            case READ -> 4;
            case YCSB -> 6;
            case MIX -> 1;
            case LOAD, REOPEN, SYNCS -> 0;
        };
    }
}
