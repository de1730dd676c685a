package io.millrace.btree;

/** How large keys and values may be. Checked where they enter, at the API; everything below relies on it. */
public final class Limits {
    private static final int KEYS_PER_PAGE = 8;
    private static final int VALUES_PER_PAGE = 4;

    private Limits() {}

    /** Longest key in bytes. The shortest is one byte. */
    public static int maxKey(int pageSize) {
        return pageSize / KEYS_PER_PAGE;
    }

    /** Longest value in bytes. */
    public static int maxValue(int pageSize) {
        return pageSize / VALUES_PER_PAGE;
    }
}
