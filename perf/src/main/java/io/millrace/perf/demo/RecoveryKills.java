package io.millrace.perf.demo;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Kills JVMs while they recover the store. A kill counts only if the child had said that it begins to open the store and had not said that it is
 * open. Not thread-safe.
 */
final class RecoveryKills {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final int MOST_PER_ROUND = 3;
    private static final long FIRST_GUESS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final SplittableRandom random;
    private long recoveryNanos = FIRST_GUESS_NANOS;
    private int landed;

    /** What a child has told; a future each, because the calling thread waits for it. */
    private static final class Signs {
        private final CompletableFuture<Void> begun = new CompletableFuture<>();
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        // Written by the reader, read after it has ended.
        private long openMillis;

        void take(Message message) {
            if (message instanceof Message.RecoveryBegun) {
                begun.complete(null);
            } else if (message instanceof Message.Ready ready) {
                openMillis = ready.openMillis();
                ended.complete(null);
            }
        }
    }

    RecoveryKills(SplittableRandom random) {
        this.random = random;
    }

    /**
     * Kills the recovery of one crash, maybe again and again, each time at a random moment; answers how many kills landed. One that came too late
     * is the last: the store has been open, and there is little to recover any more.
     *
     * @throws DemoFailedException if the store can't be opened
     */
    int run(DemoOptions options) throws IOException, InterruptedException, DemoFailedException {
        int wanted = 1 + random.nextInt(MOST_PER_ROUND);
        int kills = 0;
        while (kills < wanted && kill(options, (long) (recoveryNanos * random.nextDouble()))) {
            kills++;
        }
        landed += kills;
        return kills;
    }

    private boolean kill(DemoOptions options, long afterNanos)
            throws IOException, InterruptedException, DemoFailedException {
        Signs signs = new Signs();
        DemoChild child = DemoChild.start(options.forChild(DemoCommand.RECOVERER), signs::take);
        boolean inTime = child.await(signs.begun, PATIENCE_NANOS);
        if (inTime) {
            child.await(signs.ended, afterNanos);
        }
        boolean endedByItself = child.hasEnded();
        child.kill();
        if (!inTime || endedByItself || child.failure() != null) {
            String why = child.failure() == null ? "no word from it" : child.failure();
            throw new DemoFailedException("the recovery that was to be killed has failed: " + why);
        }
        if (signs.ended.isDone()) {
            recoveryNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(1, signs.openMillis));
            return false;
        }
        // How long it would have taken nobody knows: look further into it next time.
        recoveryNanos += recoveryNanos / 4;
        return true;
    }

    /** Kills that landed inside a recovery, over all rounds. */
    int landed() {
        return landed;
    }
}
