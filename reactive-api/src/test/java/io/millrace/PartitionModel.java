package io.millrace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What one client's keys may look like. A client alone writes them, one operation after the other, so that their states form a line: up to the
 * acknowledged one everything is certain, the one behind it, if there is one, was attempted. What somebody has seen of it is certain, too.
 */
final class PartitionModel {
    private final String name;
    private final List<NavigableMap<String, byte[]>> states = new ArrayList<>();
    private int acknowledged;
    private int seen;

    PartitionModel(String name) {
        this.name = name;
        states.add(new TreeMap<>());
    }

    /** As it is now; goes its own way from here. */
    PartitionModel copy() {
        PartitionModel copy = new PartitionModel(name);
        copy.states.clear();
        copy.states.addAll(states);
        copy.acknowledged = acknowledged;
        copy.seen = seen;
        return copy;
    }

    /** The acknowledged state; not to be changed. */
    NavigableMap<String, byte[]> current() {
        return states.get(acknowledged);
    }

    /** The client is going to make this of it. */
    void attempt(NavigableMap<String, byte[]> next) {
        states.add(next);
    }

    /** It was told that it is done. */
    void acknowledge() {
        acknowledged = states.size() - 1;
    }

    /** It was told that nothing of it has happened, and never will. */
    void refuse() {
        int attempted = states.size() - 1;
        if (seen == attempted) {
            throw new AssertionError("UncommittedLeavesNoTrace: somebody saw of " + name + " what was then refused");
        }
        states.remove(attempted);
    }

    /** The oldest state that a snapshot taken from now on may show. */
    int certain() {
        return Math.max(acknowledged, seen);
    }

    /** Somebody was shown this in a snapshot taken after {@code certain} was so. */
    void observe(int certain, Map<String, byte[]> found, String where) {
        seen = Math.max(seen, find(certain, found, where));
    }

    /** The store was opened again, and this is there. */
    void restart(Map<String, byte[]> found, String where) {
        NavigableMap<String, byte[]> state = states.get(find(certain(), found, where));
        states.clear();
        states.add(state);
        acknowledged = 0;
        seen = 0;
    }

    private int find(int certain, Map<String, byte[]> found, String where) {
        for (int i = certain; i < states.size(); i++) {
            if (equal(states.get(i), found)) {
                return i;
            }
        }
        for (int i = 0; i < certain; i++) {
            if (equal(states.get(i), found)) {
                throw new AssertionError("CommittedStaysCommitted: " + where + " " + name + " is in state " + i
                        + ", though " + certain + " was certain, of " + (states.size() - 1));
            }
        }
        throw new AssertionError("UncommittedLeavesNoTrace: " + where + " " + name + " is in a state that never was: "
                + difference(states.get(certain), found) + "; certain is " + certain + " of " + (states.size() - 1));
    }

    private static boolean equal(Map<String, byte[]> expected, Map<String, byte[]> found) {
        return expected.size() == found.size() && difference(expected, found).isEmpty();
    }

    private static String difference(Map<String, byte[]> expected, Map<String, byte[]> found) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, byte[]> entry : expected.entrySet()) {
            byte[] other = found.get(entry.getKey());
            if (!Arrays.equals(entry.getValue(), other)) {
                text.append(other == null ? " missing " : " other value of ").append(shortened(entry.getKey()));
            }
        }
        for (String key : found.keySet()) {
            if (!expected.containsKey(key)) {
                text.append(" too much ").append(shortened(key));
            }
        }
        return text.toString();
    }

    private static String shortened(String key) {
        return key.length() < 20 ? key : key.substring(0, 20);
    }
}
