package io.millrace;

import io.millrace.btree.Catalogue;
import io.millrace.btree.TreeRef;
import io.millrace.common.Memory;
import io.millrace.error.LimitExceededException;
import io.millrace.txn.EncodingBuffer;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import org.agrona.concurrent.UnsafeBuffer;

/** A map as operations need it: its tree, and its users' types turned into the operands of a workspace and back. Thread-safe. */
final class MapAccess<K, V> {
    private static final int NO_LIMIT = Integer.MAX_VALUE;
    private static final String KEY_LIMIT = "key in bytes (1/8 page)";
    private static final String BOUND_LIMIT = "bound of a range in bytes (1/8 page)";
    private static final String VALUE_LIMIT = "value in bytes (transaction.max-value-size)";
    private static final String EXPECTED_LIMIT = "expected value in bytes (transaction.max-value-size)";
    private static final int UNKNOWN = -1;

    private final StoreEngine store;
    private final String name;
    private final Codec<K> keys;
    private final Codec<V> values;

    /** What was last found; any thread. */
    private volatile TreeRef tree;

    MapAccess(StoreEngine store, String name, Codec<K> keys, Codec<V> values) {
        this.store = store;
        this.name = name;
        this.keys = keys;
        this.values = values;
    }

    String name() {
        return name;
    }

    /** The tree of now, null if the map does not exist. Throws what is wrong with the handle. */
    TreeRef tree() {
        TreeRef known = tree;
        if (known == null || !known.isCurrent()) {
            checkHandle();
            known = store.catalogue().find(name);
            tree = known;
        }
        return known;
    }

    /** The tree of a snapshot at {@code lsn}, null if the map does not exist in it. Throws what is wrong with the handle. */
    TreeRef tree(long lsn) {
        TreeRef known = tree();
        return known != null && known.sinceLsn() <= lsn && known.isCurrent()
                ? known
                : store.catalogue().find(name, lsn);
    }

    /** Makes the tree exist, so that {@link #tree} knows it with DONE. */
    Step createTree(Workspace workspace) {
        return tree() == null ? store.catalogue().create(workspace, name) : Step.DONE;
    }

    private void checkHandle() {
        notNull(name, "the name of the map");
        notNull(keys, "the codec of the keys");
        notNull(values, "the codec of the values");
        Catalogue.encode(name, store.pageSize());
    }

    /** Makes {@code key} the key operand. */
    void key(Workspace workspace, K key) {
        int length = encode(keys, key, "the key", KEY_LIMIT, store.maxKey(), workspace.encoding);
        checkKey(length);
        workspace.key(workspace.encoding.byteArray(), 0, length);
    }

    /**
     * Makes {@code value} the value operand if it is short enough to stand in a leaf.
     *
     * @return 0; or, if it is long, how many bytes it may have
     */
    int shortValue(Workspace workspace, V value) {
        int length = encodeShort(value, "the value", VALUE_LIMIT, workspace);
        if (!isShort(length)) {
            return length == UNKNOWN ? store.maxValue() : length;
        }
        workspace.value(workspace.encoding.byteArray(), 0, length);
        return 0;
    }

    /** The same with the expected value. */
    int shortExpected(Workspace workspace, V value) {
        int length = encodeShort(value, "the expected value", EXPECTED_LIMIT, workspace);
        if (!isShort(length)) {
            return length == UNKNOWN ? store.maxValue() : length;
        }
        workspace.expected(workspace.encoding.byteArray(), 0, length);
        return 0;
    }

    private boolean isShort(int length) {
        return length >= 0 && length <= store.maxShortValue();
    }

    /** Encodes a value as far as that takes no memory to speak of; {@link #UNKNOWN} if it goes on behind that. */
    private int encodeShort(V value, String what, String limited, Workspace workspace) {
        int limit = Math.min(store.maxValue(), EncodingBuffer.KEPT_BYTES);
        notNull(value, what);
        try {
            int length = encode(values, value, what, limited, limit, workspace.encoding);
            if (length <= limit) {
                return length;
            }
        } catch (RuntimeException failure) {
            if (limit == store.maxValue() || !workspace.encoding.exceeded()) {
                throw failure;
            }
        }
        checkLimit(limited, store.maxValue(), limit + 1);
        return UNKNOWN;
    }

    /** Encodes a long value as a whole: into the workspace's encoding buffer, this many bytes. */
    int longValue(Workspace workspace, V value) {
        int length = encode(values, value, "the value", VALUE_LIMIT, store.maxValue(), workspace.encoding);
        checkLimit(VALUE_LIMIT, store.maxValue(), length);
        return length;
    }

    /** The same with the expected value. */
    int longExpected(Workspace workspace, V value) {
        int length = encode(values, value, "the expected value", EXPECTED_LIMIT, store.maxValue(), workspace.encoding);
        checkLimit(EXPECTED_LIMIT, store.maxValue(), length);
        return length;
    }

    /** Encodes a key of a load; answers its length. */
    int encodeKey(EncodingBuffer out, K key) {
        int length = encode(keys, key, "a key", KEY_LIMIT, store.maxKey(), out);
        checkKey(length);
        return length;
    }

    /** Encodes a value of a load; answers its length. */
    int encodeValue(EncodingBuffer out, V value) {
        int length = encode(values, value, "a value", VALUE_LIMIT, store.maxValue(), out);
        checkLimit(VALUE_LIMIT, store.maxValue(), length);
        return length;
    }

    /** The bytes of a range's bound, which may be empty and, as a prefix is no key, too. */
    byte[] bound(Workspace workspace, K key) {
        int length = encode(keys, key, "a bound of the range", BOUND_LIMIT, store.maxKey(), workspace.encoding);
        checkLimit(BOUND_LIMIT, store.maxKey(), length);
        byte[] bytes = new byte[length];
        workspace.encoding.getBytes(0, bytes);
        return bytes;
    }

    private void checkKey(int length) {
        if (length == 0) {
            throw new LimitExceededException("key in bytes (at least 1, at most 1/8 page)", store.maxKey(), 0);
        }
        checkLimit(KEY_LIMIT, store.maxKey(), length);
    }

    private static void checkLimit(String what, int limit, int length) {
        if (length > limit) {
            throw new LimitExceededException(what, limit, length);
        }
    }

    /** Encodes; a codec that writes far beyond the limit is stopped there. */
    private static <T> int encode(Codec<T> codec, T value, String what, String limited, int limit, EncodingBuffer out) {
        notNull(value, what);
        out.limit(limited, limit);
        int length = codec.encode(value, out, 0);
        if (length < 0 || length > out.capacity()) {
            throw new IllegalStateException("the codec of " + what + " says it wrote " + length + " bytes");
        }
        return length;
    }

    /** The value that a look-up left in the workspace. */
    V result(Workspace workspace) {
        return decodeValue(workspace.resultAddress, workspace.resultLength);
    }

    K decodeKey(long address, int length) {
        return decode(keys, address, length, "keys");
    }

    V decodeValue(long address, int length) {
        return decode(values, address, length, "values");
    }

    /** A long value that has been read. */
    V decodeLong(byte[] bytes) {
        V value = values.decode(new UnsafeBuffer(bytes), 0, bytes.length);
        return notNull(value, "what the codec of the values decoded");
    }

    private static <T> T decode(Codec<T> codec, long address, int length, String what) {
        T value = codec.decode(new UnsafeBuffer(address, length), 0, length);
        return notNull(value, "what the codec of the " + what + " decoded");
    }

    static <T> T notNull(T value, String what) {
        if (value == null) {
            throw new NullPointerException(what + " is null");
        }
        return value;
    }

    /** A copy of a key on the heap. */
    static byte[] copy(long address, int length) {
        byte[] bytes = new byte[length];
        Memory.copyToArray(address, bytes, 0, length);
        return bytes;
    }

    static int clamp(long number) {
        return (int) Math.min(NO_LIMIT, number);
    }
}
