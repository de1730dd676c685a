package io.millrace.btree;

/** How large keys may be, and values that stand in a leaf. Checked where they enter, at the API; everything below relies on it. */
public final class Limits {
    private static final int KEYS_PER_PAGE = 8;
    private static final int VALUES_PER_PAGE = 4;

    /** Longest value there can be, in bytes. */
    public static final int MAX_LONG_VALUE = 64 << 20;

    private Limits() {}

    /** Longest key in bytes. The shortest is one byte. */
    public static int maxKey(int pageSize) {
        return pageSize / KEYS_PER_PAGE;
    }

    /** Longest value in bytes that stands in its leaf; a longer one has pages of its own, up to {@link #MAX_LONG_VALUE}. */
    public static int maxValue(int pageSize) {
        return pageSize / VALUES_PER_PAGE;
    }
}
