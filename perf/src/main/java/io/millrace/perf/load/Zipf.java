package io.millrace.perf.load;

import java.util.SplittableRandom;

/**
 * Numbers from 0 to {@code count - 1} with the probability of rank r proportional to 1 / r^theta, by the method of Gray et al. (SIGMOD 1994);
 * {@link #scrambled} spreads the popular ones over the whole range, as YCSB does. Immutable; the caller brings the random numbers.
 */
public final class Zipf {
    private static final long SCRAMBLE = 0x9E37_79B9_7F4A_7C15L;
    /** Beyond this, the rest of the sum is replaced by the integral, which differs by less than a millionth. */
    private static final long EXACT = 1_000_000;

    private final long count;
    private final double theta;
    private final double alpha;
    private final double zeta;
    private final double eta;

    /** For {@code count} numbers and a {@code theta} between 0 (uniform) and 1, exclusive. */
    public Zipf(long count, double theta) {
        if (count < 1 || theta < 0 || theta >= 1) {
            throw new IllegalArgumentException("zipf over " + count + " numbers with theta " + theta);
        }
        this.count = count;
        this.theta = theta;
        alpha = 1 / (1 - theta);
        zeta = zeta(count, theta);
        eta = (1 - Math.pow(2.0 / count, 1 - theta)) / (1 - zeta(2, theta) / zeta);
    }

    private static double zeta(long count, double theta) {
        double sum = 0;
        long exact = Math.min(count, EXACT);
        for (long i = 1; i <= exact; i++) {
            sum += Math.pow((double) i, -theta);
        }
        if (count > exact) {
            sum += (Math.pow((double) count, 1 - theta) - Math.pow((double) exact, 1 - theta)) / (1 - theta);
        }
        return sum;
    }

    /** A rank: 0 is the most popular. */
    public long rank(SplittableRandom random) {
        double u = random.nextDouble();
        double scaled = u * zeta;
        if (scaled < 1) {
            return 0;
        }
        if (scaled < 1 + Math.pow(0.5, theta)) {
            return Math.min(1, count - 1);
        }
        return Math.min(count - 1, (long) (count * Math.pow(eta * u - eta + 1, alpha)));
    }

    /** A number, the popular ones anywhere. */
    public long scrambled(SplittableRandom random) {
        long hash = (rank(random) + 1) * SCRAMBLE;
        hash ^= hash >>> 32;
        return Long.remainderUnsigned(hash * SCRAMBLE, count);
    }
}
