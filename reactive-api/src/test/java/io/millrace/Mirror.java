package io.millrace;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The contents of a store as text: read from a snapshot, or kept up to date by commits of a change stream. One thread at a time. */
final class Mirror {
    private static final HexFormat HEX = HexFormat.of();
    private static final Codec<String> AS_HEX = new AsHex();

    private final Map<String, Map<String, String>> maps = new TreeMap<>();
    private long lsn;

    /** What all maps hold in one snapshot; none is created, dropped or renamed meanwhile. */
    static Mono<Mirror> of(Store store) {
        return store.maps().collectList().flatMap(names -> {
            Mirror mirror = new Mirror();
            return store.read(snapshot -> {
                        mirror.lsn = snapshot.lsn();
                        return Flux.fromIterable(names)
                                .concatMap(name -> store.map(name, AS_HEX, AS_HEX)
                                        .in(snapshot)
                                        .scan(Range.all())
                                        .doOnNext(entry -> mirror.map(name).put(entry.key(), entry.value())));
                    })
                    .then(Mono.just(mirror));
        });
    }

    private Map<String, String> map(String name) {
        return maps.computeIfAbsent(name, first -> new TreeMap<>());
    }

    /** The commit, or snapshot, it stands at. */
    long lsn() {
        return lsn;
    }

    void apply(Commit commit) {
        if (commit.lsn() <= lsn) {
            throw new AssertionError("a commit at " + commit.lsn() + " behind one at " + lsn);
        }
        lsn = commit.lsn();
        for (Change change : commit.changes()) {
            apply(change);
        }
    }

    private void apply(Change change) {
        switch (change.kind()) {
            case PUT, DELETE -> write(change);
            case DROP -> maps.remove(change.map());
            case RENAME -> {
                if (maps.containsKey(change.newName())) {
                    throw new AssertionError("renamed to a map that is there: " + change);
                }
                Map<String, String> renamed = maps.remove(change.map());
                if (renamed != null) {
                    maps.put(change.newName(), renamed);
                }
            }
        }
    }

    private void write(Change change) {
        Map<String, String> map = map(change.map());
        String key = HEX.formatHex(change.key());
        String value = text(change.value());
        String before = value == null ? map.remove(key) : map.put(key, value);
        if (change.isOldValueKnown() && !Objects.equals(before, text(change.oldValue()))) {
            throw new AssertionError("at " + lsn + " the log says " + change + " replaced " + text(change.oldValue())
                    + ", but it was " + before);
        }
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : HEX.formatHex(bytes);
    }

    /** Maps that hold something, with their entries. */
    private Map<String, Map<String, String>> entries() {
        Map<String, Map<String, String>> filled = new TreeMap<>(maps);
        filled.values().removeIf(Map::isEmpty);
        return filled;
    }

    boolean hasEntriesOf(Mirror other) {
        return entries().equals(other.entries());
    }

    /** What is different, a little of it. */
    String difference(Mirror other) {
        List<String> different = new ArrayList<>();
        Map<String, Map<String, String>> theirs = other.entries();
        entries().forEach((name, map) -> compare(name, map, theirs.getOrDefault(name, Map.of()), different));
        theirs.forEach((name, map) -> compare(name, entries().getOrDefault(name, Map.of()), map, different));
        return "at " + lsn + " and " + other.lsn + ": "
                + different.subList(0, Math.min(10, different.size())).toString();
    }

    private static void compare(
            String name, Map<String, String> mine, Map<String, String> theirs, List<String> different) {
        Map<String, String> all = new TreeMap<>(mine);
        all.putAll(theirs);
        for (String key : all.keySet()) {
            if (!Objects.equals(mine.get(key), theirs.get(key))) {
                different.add(name + " " + key + ": " + mine.get(key) + " and " + theirs.get(key));
            }
        }
    }

    /** Bytes as they are. */
    private static final class AsHex implements Codec<String> {
        @Override
        public int encode(String value, MutableDirectBuffer out, int offset) {
            byte[] bytes = HEX.parseHex(value);
            out.putBytes(offset, bytes);
            return bytes.length;
        }

        @Override
        public String decode(DirectBuffer in, int offset, int length) {
            byte[] bytes = new byte[length];
            in.getBytes(offset, bytes);
            return HEX.formatHex(bytes);
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }
}
