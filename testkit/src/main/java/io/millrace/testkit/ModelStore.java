package io.millrace.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The obvious ordered store, to compare the real one with: a sorted map of unsigned bytes, and a copy of it for each
 * version. Keys and values must not be changed after they are given. Not thread-safe.
 */
public final class ModelStore {

    private final TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    private final TreeMap<Long, ModelStore> versions = new TreeMap<>();

    /** The value, or null. */
    public byte[] get(byte[] key) {
        return entries.get(key);
    }

    public void put(byte[] key, byte[] value) {
        entries.put(key, value);
    }

    /** Whether the key was there. */
    public boolean delete(byte[] key) {
        return entries.remove(key) != null;
    }

    public int size() {
        return entries.size();
    }

    /** The entries with {@code from <= key < to} in order; null is no bound. */
    public List<Map.Entry<byte[], byte[]>> scan(byte[] from, byte[] to) {
        if (from != null && to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return List.of();
        }
        NavigableMap<byte[], byte[]> range = from == null ? entries : entries.tailMap(from, true);
        return new ArrayList<>((to == null ? range : range.headMap(to, false)).entrySet());
    }

    /** A copy of the present state, without versions. */
    public ModelStore snapshot() {
        ModelStore copy = new ModelStore();
        copy.entries.putAll(entries);
        return copy;
    }

    /** Keeps the present state as that of a log position. */
    public void commit(long lsn) {
        versions.put(lsn, snapshot());
    }

    /** The state at a log position: of the last commit at or before it, empty if there is none. */
    public ModelStore at(long lsn) {
        Map.Entry<Long, ModelStore> version = versions.floorEntry(lsn);
        return version == null ? new ModelStore() : version.getValue();
    }

    /** The first difference to what the real store returned, in words; null if there is none. */
    public String difference(Iterable<? extends Map.Entry<byte[], byte[]>> found) {
        var expected = entries.entrySet().iterator();
        for (Map.Entry<byte[], byte[]> entry : found) {
            if (!expected.hasNext()) {
                return "too much: " + text(entry);
            }
            Map.Entry<byte[], byte[]> next = expected.next();
            if (!Arrays.equals(next.getKey(), entry.getKey()) || !Arrays.equals(next.getValue(), entry.getValue())) {
                return "expected " + text(next) + " but found " + text(entry);
            }
        }
        return expected.hasNext() ? "missing: " + text(expected.next()) : null;
    }

    private static String text(Map.Entry<byte[], byte[]> entry) {
        HexFormat hex = HexFormat.of();
        return hex.formatHex(entry.getKey()) + " = " + hex.formatHex(entry.getValue());
    }
}
