package io.millrace.testkit;

import io.millrace.testkit.Update.Truncate;
import io.millrace.testkit.Update.Write;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/**
 * Decides what of one file's unforced updates a power loss spares. Each write is cut into sectors, and at some random bytes
 * as well if the file may tear at any byte; each piece survives or is lost by itself. Of a write that is lost the growth of
 * the file may survive, as zeros.
 */
final class PowerLoss {

    static final int SECTOR_BYTES = 512;

    private static final double[] CHANCES = {0, 0.1, 0.5, 0.9, 1};
    private static final int CUTS_PER_WRITE = 3;

    private final Random random;
    private final boolean tornAtAnyByte;
    private final double chance;
    private long lost;
    private long torn;

    PowerLoss(Random random, boolean tornAtAnyByte) {
        this.random = random;
        this.tornAtAnyByte = tornAtAnyByte;
        this.chance = CHANCES[random.nextInt(CHANCES.length)];
    }

    void applySome(List<Update> updates, ByteStore platter) {
        for (Update update : updates) {
            if (update instanceof Write write) {
                applySome(write, platter);
            } else if (update instanceof Truncate cut && survives()) {
                platter.truncate(cut.size());
            }
        }
    }

    private void applySome(Write write, ByteStore platter) {
        int from = 0;
        int survivors = 0;
        TreeSet<Integer> cuts = cuts(write);
        for (int to : cuts) {
            if (survives()) {
                platter.write(write.position() + from, write.bytes(), from, to - from);
                survivors++;
            }
            from = to;
        }
        if (survivors == 0) {
            lost++;
        } else if (survivors < cuts.size()) {
            torn++;
        }
        if (survives()) {
            platter.extend(write.end());
        }
    }

    /** Writes of which nothing survived. */
    long lost() {
        return lost;
    }

    /** Writes of which a part survived. */
    long torn() {
        return torn;
    }

    /** The ends of the pieces, relative to the write, rising. */
    private TreeSet<Integer> cuts(Write write) {
        int length = write.bytes().length;
        TreeSet<Integer> cuts = new TreeSet<>();
        int firstEnd = SECTOR_BYTES - (int) (write.position() % SECTOR_BYTES);
        for (int cut = firstEnd; cut < length; cut += SECTOR_BYTES) {
            cuts.add(cut);
        }
        if (tornAtAnyByte && length > 1) {
            for (int i = 0; i < CUTS_PER_WRITE; i++) {
                cuts.add(1 + random.nextInt(length - 1));
            }
        }
        cuts.add(length);
        return cuts;
    }

    private boolean survives() {
        return random.nextDouble() < chance;
    }
}
