package io.millrace;

import java.util.Objects;

/**
 * Which keys, in which direction, and how many of them; immutable. The order is that of the encoded keys. A range that can't contain anything,
 * like {@code closed(5, 4)}, is legal and empty. A null bound and a negative limit are signalled by the operation that is given the range.
 *
 * @param <K> type of the keys
 */
public final class Range<K> {
    private static final Range<Object> ALL = new Range<>(Bound.none(), Bound.none(), false, Long.MAX_VALUE);

    /** One end of a range. */
    enum Kind {
        /** Unbounded. */
        NONE,
        /** The key itself belongs to the range. */
        INCLUSIVE,
        /** The key itself does not. */
        EXCLUSIVE,
        /** Lower end: all keys whose bytes begin with those of this key; there is no upper end then. */
        PREFIX
    }

    record Bound<K>(Kind kind, K key) {
        static <K> Bound<K> none() {
            return new Bound<>(Kind.NONE, null);
        }

        static <K> Bound<K> inclusive(K key) {
            return new Bound<>(Kind.INCLUSIVE, key);
        }

        static <K> Bound<K> exclusive(K key) {
            return new Bound<>(Kind.EXCLUSIVE, key);
        }
    }

    private final Bound<K> lower;
    private final Bound<K> upper;
    private final boolean reversed;
    private final long limit;

    private Range(Bound<K> lower, Bound<K> upper, boolean reversed, long limit) {
        this.lower = lower;
        this.upper = upper;
        this.reversed = reversed;
        this.limit = limit;
    }

    /** All keys. */
    @SuppressWarnings("unchecked") // holds no key
    public static <K> Range<K> all() {
        return (Range<K>) ALL;
    }

    /** From {@code first} to {@code last}, both included. */
    public static <K> Range<K> closed(K first, K last) {
        return between(Bound.inclusive(first), Bound.inclusive(last));
    }

    /** From {@code first}, included, to {@code last}, excluded. */
    public static <K> Range<K> closedOpen(K first, K last) {
        return between(Bound.inclusive(first), Bound.exclusive(last));
    }

    /** From {@code first}, excluded, to {@code last}, included. */
    public static <K> Range<K> openClosed(K first, K last) {
        return between(Bound.exclusive(first), Bound.inclusive(last));
    }

    /** Between {@code first} and {@code last}, both excluded. */
    public static <K> Range<K> open(K first, K last) {
        return between(Bound.exclusive(first), Bound.exclusive(last));
    }

    /** {@code first} and all greater keys. */
    public static <K> Range<K> from(K first) {
        return between(Bound.inclusive(first), Bound.none());
    }

    /** All keys greater than {@code key}. */
    public static <K> Range<K> after(K key) {
        return between(Bound.exclusive(key), Bound.none());
    }

    /** {@code last} and all smaller keys. */
    public static <K> Range<K> to(K last) {
        return between(Bound.none(), Bound.inclusive(last));
    }

    /** All keys smaller than {@code key}. */
    public static <K> Range<K> before(K key) {
        return between(Bound.none(), Bound.exclusive(key));
    }

    /** All keys whose bytes begin with the bytes of {@code key}, that key included. */
    public static <K> Range<K> prefix(K key) {
        return between(new Bound<>(Kind.PREFIX, key), Bound.none());
    }

    private static <K> Range<K> between(Bound<K> lower, Bound<K> upper) {
        return new Range<>(lower, upper, false, Long.MAX_VALUE);
    }

    /** The same keys in the opposite direction. */
    public Range<K> reversed() {
        return new Range<>(lower, upper, !reversed, limit);
    }

    /** The first {@code count} of these keys, in the range's direction; of two limits the smaller one counts. */
    public Range<K> limit(long count) {
        return new Range<>(lower, upper, reversed, Math.min(limit, count));
    }

    /** Whether the greatest key comes first. */
    public boolean isReversed() {
        return reversed;
    }

    /** Most entries, {@link Long#MAX_VALUE} if there is no limit. */
    public long limit() {
        return limit;
    }

    Bound<K> lower() {
        return lower;
    }

    Bound<K> upper() {
        return upper;
    }

    /** What is wrong with the arguments it was made of, null if nothing is. */
    RuntimeException flaw() {
        if (lower.kind != Kind.NONE && lower.key == null || upper.kind != Kind.NONE && upper.key == null) {
            return new NullPointerException("a bound of the range is null");
        }
        return limit < 0 ? new IllegalArgumentException("the limit of the range is negative: " + limit) : null;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Range<?> that
                && lower.equals(that.lower)
                && upper.equals(that.upper)
                && reversed == that.reversed
                && limit == that.limit;
    }

    @Override
    public int hashCode() {
        return Objects.hash(lower, upper, reversed, limit);
    }

    @Override
    public String toString() {
        String keys = switch (lower.kind) {
            case PREFIX -> "prefix " + lower.key;
            case NONE -> "(..";
            case INCLUSIVE -> "[" + lower.key + "..";
            case EXCLUSIVE -> "(" + lower.key + "..";
        };
        String end = lower.kind == Kind.PREFIX
                ? ""
                : switch (upper.kind) {
                    case INCLUSIVE -> upper.key + "]";
                    case EXCLUSIVE -> upper.key + ")";
                    case NONE, PREFIX -> ")";
                };
        return keys + end + (reversed ? " reversed" : "") + (limit == Long.MAX_VALUE ? "" : " limit " + limit);
    }
}
