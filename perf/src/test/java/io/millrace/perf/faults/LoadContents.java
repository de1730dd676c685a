package io.millrace.perf.faults;

import io.millrace.Entry;
import io.millrace.OrderedMap;
import io.millrace.Range;
import io.millrace.perf.faults.LoadProgram.LoadMaps;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The keys that stand in the maps of a store; it can be written as lines, and read from them. */
record LoadContents(Set<Long> singles, Set<Long> left, Set<Long> right) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What a store holds; throws if a value is not the one that belongs to its key. */
    static LoadContents of(LoadMaps maps) {
        return new LoadContents(keys(maps.singles), keys(maps.left), keys(maps.right));
    }

    private static Set<Long> keys(OrderedMap<Long, String> map) {
        Set<Long> keys = new TreeSet<>();
        for (Entry<Long, String> entry : map.scan(Range.all()).collectList().block(PATIENCE)) {
            if (!LoadProgram.value(entry.key()).equals(entry.value())) {
                throw new IllegalStateException("a wrong value at " + entry);
            }
            keys.add(entry.key());
        }
        return keys;
    }

    void print(PrintStream out) {
        singles.forEach(key -> out.println("k singles " + key));
        left.forEach(key -> out.println("k left " + key));
        right.forEach(key -> out.println("k right " + key));
    }

    static LoadContents parse(List<String> lines) {
        LoadContents read = new LoadContents(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
        for (String line : lines) {
            String[] words = line.split(" ");
            if (words[0].equals("k")) {
                read.map(words[1]).add(Long.parseLong(words[2]));
            }
        }
        return read;
    }

    private Set<Long> map(String name) {
        return switch (name) {
            case "singles" -> singles;
            case "left" -> left;
            case "right" -> right;
            default -> throw new IllegalArgumentException(name);
        };
    }
}
