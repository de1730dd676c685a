package io.millrace;

import io.millrace.common.SerialExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;

/**
 * Keeps transactions that are run again from starving on hot keys (D4): whoever has lost on a key stands in line for it, and while there is a
 * line only its head may write the key in a transaction. A transaction that lost on several keys stands in line for them in key order, so
 * that no circle can form, and leaves with its end.
 *
 * <p>The lines are changed by commands that one thread at a time carries out, others leave theirs; who is at the head can be read by anybody.
 */
final class ContentionLines {
    /** A key of a map. */
    static final class Key implements Comparable<Key> {
        private final String map;
        private final byte[] bytes;

        /** The array becomes the key's own. */
        Key(String map, byte[] bytes) {
            this.map = map;
            this.bytes = bytes;
        }

        @Override
        public int compareTo(Key other) {
            int byMap = map.compareTo(other.map);
            return byMap != 0 ? byMap : Arrays.compareUnsigned(bytes, other.bytes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that && map.equals(that.map) && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * map.hashCode() + Arrays.hashCode(bytes);
        }
    }

    /** The places of one caller, over all attempts at its transaction. */
    static final class Place {
        /** Keys lost on. Added to by operations of the transaction, one at a time; read when it has ended. */
        private final TreeSet<Key> lost = new TreeSet<>();

        // Touched by commands only.
        private List<Key> keys = List.of();
        private int reached;
        private Runnable whenReached;

        void lostOn(Key key) {
            lost.add(key);
        }

        boolean hasLost() {
            return !lost.isEmpty();
        }
    }

    private final Executor workers;
    private final ConcurrentMap<Key, Place> heads = new ConcurrentHashMap<>();
    private final ConcurrentMap<Key, ArrayDeque<Place>> lines = new ConcurrentHashMap<>();
    private final SerialExecutor commands = new SerialExecutor();

    ContentionLines(Executor workers) {
        this.workers = workers;
    }

    /** Whether nobody stands in line for anything: the usual case. */
    boolean areEmpty() {
        return heads.isEmpty();
    }

    /** Whether somebody else is at the head of the line for {@code key}. */
    boolean isBarred(Key key, Place mine) {
        Place head = heads.get(key);
        return head != null && head != mine;
    }

    /** Runs {@code action} on a worker when {@code place} is at the head of the lines for all keys it has lost on. */
    void reach(Place place, Runnable action) {
        List<Key> wanted = List.copyOf(place.lost);
        commands.execute(() -> {
            if (!place.keys.equals(wanted)) {
                giveUp(place);
                place.keys = wanted;
            }
            place.whenReached = action;
            advance(place);
        });
    }

    /** Leaves all lines. */
    void leave(Place place) {
        if (place.hasLost()) {
            commands.execute(() -> giveUp(place));
        }
    }

    private void advance(Place place) {
        while (place.reached < place.keys.size()) {
            Key key = place.keys.get(place.reached);
            ArrayDeque<Place> line = lines.computeIfAbsent(key, unused -> new ArrayDeque<>());
            if (!line.contains(place)) {
                line.add(place);
            }
            if (line.peek() != place) {
                return;
            }
            heads.put(key, place);
            place.reached++;
        }
        Runnable action = place.whenReached;
        if (action != null) {
            place.whenReached = null;
            workers.execute(action);
        }
    }

    private void giveUp(Place place) {
        List<Place> next = new ArrayList<>();
        for (Key key : place.keys) {
            ArrayDeque<Place> line = lines.get(key);
            if (line != null && line.remove(place)) {
                if (line.isEmpty()) {
                    lines.remove(key);
                    heads.remove(key);
                } else if (heads.get(key) == place) {
                    heads.put(key, line.peek());
                    next.add(line.peek());
                }
            }
        }
        place.keys = List.of();
        place.reached = 0;
        place.whenReached = null;
        next.forEach(this::advance);
    }
}
