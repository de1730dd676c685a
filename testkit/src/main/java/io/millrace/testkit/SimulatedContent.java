package io.millrace.testkit;

import io.millrace.testkit.Update.Truncate;
import io.millrace.testkit.Update.Write;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The content of one file, whatever its name: what a reader sees (the page cache), what is on the platter, and the
 * changes in between, oldest first. Guarded by the lock of the {@link SimulatedDirectory}.
 */
final class SimulatedContent {

    private final ByteStore visible;
    private final ByteStore durable;
    private List<Update> pending;

    SimulatedContent() {
        this(new ByteStore(), new ByteStore(), List.of());
    }

    private SimulatedContent(ByteStore visible, ByteStore durable, List<Update> pending) {
        this.visible = visible;
        this.durable = durable;
        this.pending = new ArrayList<>(pending);
    }

    int size() {
        return visible.size();
    }

    int read(long position, ByteBuffer dst) {
        return visible.read(position, dst);
    }

    void write(long position, byte[] bytes) {
        visible.write(position, bytes, 0, bytes.length);
        pending.add(new Write(position, bytes, false));
    }

    /** A write that is durable when it returns (O_DSYNC); earlier ones are not, except for what it covers of them. */
    void writeThrough(long position, byte[] bytes) {
        if (pending.stream().anyMatch(Truncate.class::isInstance)) {
            force();
        }
        visible.write(position, bytes, 0, bytes.length);
        durable.write(position, bytes, 0, bytes.length);
        pending = uncovered(pending, position, position + bytes.length);
    }

    void truncate(long size) {
        visible.truncate(size);
        pending.add(new Truncate(size));
    }

    void force() {
        List<Update> orphans = new ArrayList<>();
        for (Update update : pending) {
            if (update instanceof Write write && write.orphaned()) {
                orphans.add(write);
            } else if (update instanceof Write write) {
                durable.write(write.position(), write.bytes(), 0, write.bytes().length);
                orphans = uncovered(orphans, write.position(), write.end());
            } else if (update instanceof Truncate cut) {
                durable.truncate(cut.size());
                orphans = uncovered(orphans, cut.size(), Long.MAX_VALUE);
            }
        }
        pending = orphans;
    }

    /** A force failed: as on Linux, the pages now count as clean, and a later force that succeeds does not write them. */
    void forceFailed() {
        pending.replaceAll(update -> update instanceof Write write ? write.orphan() : update);
    }

    void flip(long position, int bit) {
        visible.flip(position, bit);
        durable.flip(position, bit);
        pending.replaceAll(update -> update instanceof Write write ? write.flip(position, bit) : update);
    }

    boolean hasPending() {
        return !pending.isEmpty();
    }

    /** After the death of the process: nothing lost, and nothing more durable than before. */
    SimulatedContent copy() {
        return new SimulatedContent(visible.copy(), durable.copy(), pending);
    }

    /** After power loss. */
    SimulatedContent survivors(PowerLoss loss) {
        ByteStore platter = durable.copy();
        loss.applySome(pending, platter);
        return new SimulatedContent(platter.copy(), platter, List.of());
    }

    private static List<Update> uncovered(List<Update> updates, long from, long to) {
        List<Update> rest = new ArrayList<>();
        for (Update update : updates) {
            if (update instanceof Write write) {
                rest.addAll(write.outside(from, to));
            } else {
                rest.add(update);
            }
        }
        return rest;
    }
}
