package io.millrace;

import io.millrace.error.LogPositionGoneException;
import io.millrace.error.MillraceException;
import java.util.Random;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * Follows the changes of a simulated store through all its lives: what a stream has emitted before a crash must be so after it, since the mirror
 * goes on from there. Where the log is gone the mirror begins anew from a snapshot.
 */
final class SimulatedFollower {
    private static final long LOOK_NANOS = 1_000_000;
    private static final int TRIES = 20_000;

    private final Random dice;
    private Mirror mirror;
    private long commits;
    private long resumed;
    // Of the life that runs.
    private SimulatedStore simulated;
    private Following following;

    SimulatedFollower(Random dice) {
        this.dice = dice;
    }

    /** Begins to follow, before anybody writes. */
    void follow(SimulatedStore store) {
        simulated = store;
        if (mirror == null) {
            mirror = simulated.await(Mirror.of(simulated.store()));
        } else {
            resumed++;
        }
        following = new Following();
        simulated.store().changes(mirror.lsn()).subscribe(following);
    }

    /** All work is done: what was followed must be what is there, unless the disk has failed. Then it stops following. */
    void compare(boolean diskHasFailed) {
        for (int tries = 0; ; tries++) {
            if (following.gone) {
                // Nobody kept the log from one life to the next.
                mirror = null;
                return;
            }
            if (following.failure != null) {
                if (!diskHasFailed) {
                    throw new AssertionError("the stream has failed for no reason", following.failure);
                }
                return;
            }
            Mirror found = simulated.await(Mirror.of(simulated.store()));
            if (mirror.hasEntriesOf(found)) {
                break;
            }
            if (tries > TRIES || diskHasFailed && simulated.assembly().wal().isPoisoned()) {
                throw new AssertionError("TheStreamIsTheStore: " + mirror.difference(found));
            }
            simulated.machine().park(this, LOOK_NANOS);
        }
        following.cancel();
    }

    /** Stops without a look. */
    void stop() {
        if (following != null) {
            following.cancel();
        }
    }

    long commits() {
        return commits;
    }

    long resumed() {
        return resumed;
    }

    private final class Following extends BaseSubscriber<Commit> {
        private boolean gone;
        private Throwable failure;
        private int demand;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            ask();
        }

        private void ask() {
            demand = 1 + dice.nextInt(5);
            request(demand);
        }

        @Override
        protected void hookOnNext(Commit commit) {
            if (commit.lsn() > simulated.store().durableLsn()) {
                simulated
                        .machine()
                        .fail(new AssertionError("OnlyWhatIsDurable: " + commit.lsn() + " while "
                                + simulated.store().durableLsn() + " is durable"));
            }
            try {
                mirror.apply(commit);
            } catch (AssertionError wrong) {
                simulated.machine().fail(wrong);
            }
            commits++;
            if (--demand == 0) {
                ask();
            }
        }

        @Override
        protected void hookOnError(Throwable cause) {
            if (cause instanceof LogPositionGoneException) {
                gone = true;
            } else if (cause instanceof MillraceException) {
                failure = cause;
            } else {
                simulated.machine().fail(cause);
            }
        }
    }
}
