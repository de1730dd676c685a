package io.millrace.testkit.history;

import io.millrace.testkit.history.DependencyGraph.Edge;
import io.millrace.testkit.history.Recording.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Says which anomalies a history of list appends contains, as Elle does (Kingsbury and Alvaro, VLDB 2020): a list shows the order of its versions,
 * so that who overwrote whom (ww), who read from whom (wr) and whose reads were overwritten by whom (rw) follow from what was read; together with
 * real time they form a graph, and each anomaly is a kind of cycle in it. What it finds is wrong in every explanation of the history.
 *
 * <ol>
 *   <li>writers of all values and the order of the versions of all keys ({@link VersionOrder});
 *   <li>what one transaction or key shows by itself: aborted, intermediate, garbage and unrepeatable reads, lost appends and updates;
 *   <li>cycles of ww (G0); of ww and wr (G1c); with rw, but never twice in a row (G-single, G-nonadjacent); of any edges (G2-item). Each first
 *       without real time, and with it if there are none.
 * </ol>
 *
 * <p>A transaction whose outcome is not known happened if somebody has seen it; it never ended. A read of a range is to be recorded as reads of
 * all its keys, absent ones with an empty list, so that phantoms are overwritten reads as well.
 */
public final class HistoryChecker {
    private static final Set<Dependency> ORDER = Set.of(Dependency.WW, Dependency.WR);

    private final List<Finding> findings = new ArrayList<>();
    private final VersionOrder versions;
    private final List<Recording> happened;
    private final Map<Recording, Integer> numbers = new HashMap<>();
    private final DependencyGraph graph;

    private HistoryChecker(History history) {
        versions = new VersionOrder(history.transactions(), findings);
        versions.derive();
        happened = versions.happened();
        for (int i = 0; i < happened.size(); i++) {
            numbers.put(happened.get(i), i);
        }
        graph = new DependencyGraph(happened.size());
    }

    /** What a history at {@code level} must not contain, and this one does. */
    public static List<Finding> check(History history, Level level) {
        HistoryChecker checker = new HistoryChecker(history);
        checker.versions.longest().forEach(checker::addOverwritings);
        Map<List<Object>, Recording> appended = new HashMap<>();
        checker.happened.forEach(transaction -> checker.addReads(transaction, appended));
        checker.addRealTime();
        checker.findCycles(level);
        return checker.findings.stream()
                .filter(finding -> finding.anomaly().isForbiddenAt(level))
                .toList();
    }

    private void addOverwritings(int key, long[] list) {
        for (int i = 1; i < list.length; i++) {
            add(versions.writer(list[i - 1]), versions.writer(list[i]), Dependency.WW, key);
        }
    }

    private void add(Recording from, Recording to, Dependency why, int key) {
        Integer first = numbers.get(from);
        Integer second = numbers.get(to);
        if (first != null && second != null) {
            graph.add(first, second, why, key);
        }
    }

    private void addReads(Recording reader, Map<List<Object>, Recording> appended) {
        Map<Integer, List<Long>> own = new HashMap<>();
        Map<Integer, Integer> bases = new HashMap<>();
        for (Operation operation : reader.operations()) {
            List<Long> mine = own.computeIfAbsent(operation.key(), key -> new ArrayList<>());
            if (operation.isAppend()) {
                mine.add(operation.value());
            } else {
                int base = base(reader, operation, mine);
                if (base >= 0) {
                    addRead(reader, operation, base);
                    Integer before = bases.put(operation.key(), base);
                    if (before != null && before != base) {
                        find(Anomaly.UNREPEATABLE_READ, reader + " of key " + operation.key());
                    }
                }
            }
        }
        bases.forEach((key, base) -> {
            if (!own.get(key).isEmpty()) {
                Recording other = appended.put(List.of(key, base), reader);
                if (other != null) {
                    find(Anomaly.LOST_UPDATE, other + " and " + reader + " of key " + key);
                }
            }
        });
    }

    /** Length of the list without what the reader itself appended; -1 if it does not end with that. */
    private int base(Recording reader, Operation read, List<Long> mine) {
        long[] seen = read.seen();
        int base = seen.length - mine.size();
        long[] end = base < 0 ? null : Arrays.copyOfRange(seen, base, seen.length);
        boolean more = base > 0 && versions.writer(seen[base - 1]) == reader;
        if (end == null
                || more
                || !Arrays.equals(end, mine.stream().mapToLong(Long::longValue).toArray())) {
            find(Anomaly.INTERNAL, reader + ": " + read + " after its own " + mine);
            return -1;
        }
        return base;
    }

    private void addRead(Recording reader, Operation read, int base) {
        if (base > 0) {
            Recording writer = versions.writer(read.seen()[base - 1]);
            add(writer, reader, Dependency.WR, read.key());
            if (writer != null && lastAppend(writer, read.key()) != read.seen()[base - 1]) {
                find(Anomaly.G1B, reader + " of " + writer);
            }
        }
        long[] order = versions.longest().get(read.key());
        if (order != null && base < order.length) {
            add(reader, versions.writer(order[base]), Dependency.RW, read.key());
            checkFreshness(reader, read, Arrays.copyOfRange(order, base, order.length));
        }
    }

    private void checkFreshness(Recording reader, Operation read, long[] unseen) {
        for (long value : unseen) {
            Recording writer = versions.writer(value);
            if (writer != null && writer.completed() < reader.invoked()) {
                find(Anomaly.STALE_READ, reader + ": " + read + " after " + writer);
            }
        }
    }

    private static long lastAppend(Recording writer, int key) {
        long last = 0;
        for (Operation operation : writer.operations()) {
            if (operation.isAppend() && operation.key() == key) {
                last = operation.value();
            }
        }
        return last;
    }

    /** Edges from whom nobody between has to be gone through: those that ended last before each invocation. */
    private void addRealTime() {
        List<Recording> byInvocation = new ArrayList<>(happened);
        byInvocation.sort(Comparator.comparingLong(Recording::invoked));
        List<Recording> byCompletion = new ArrayList<>(happened);
        byCompletion.sort(Comparator.comparingLong(Recording::completed));
        List<Recording> frontier = new ArrayList<>();
        int ended = 0;
        for (Recording next : byInvocation) {
            for (; byCompletion.get(ended).completed() < next.invoked(); ended++) {
                Recording last = byCompletion.get(ended);
                frontier.removeIf(before -> before.completed() < last.invoked());
                frontier.add(last);
            }
            frontier.forEach(before -> add(before, next, Dependency.REAL_TIME, 0));
        }
    }

    private void findCycles(Level level) {
        for (boolean realTime : new boolean[] {false, true}) {
            Set<Dependency> overwritings = kinds(realTime, Set.of(Dependency.WW));
            Set<Dependency> order = kinds(realTime, ORDER);
            report(graph.only(overwritings), realTime);
            report(graph.only(order), realTime);
            if (level.compareTo(Level.SNAPSHOT) >= 0) {
                report(graph.withOneOverwrittenReadAfter(order), realTime);
            }
            if (level == Level.SERIALIZABLE) {
                report(graph.only(kinds(realTime, EnumSet.of(Dependency.WW, Dependency.WR, Dependency.RW))), realTime);
            }
        }
    }

    private static Set<Dependency> kinds(boolean realTime, Set<Dependency> kinds) {
        Set<Dependency> all = EnumSet.copyOf(kinds);
        if (realTime) {
            all.add(Dependency.REAL_TIME);
        }
        return all;
    }

    private void report(DependencyGraph part, boolean realTime) {
        for (List<Edge> cycle : part.cycles()) {
            boolean isInTime = cycle.stream().anyMatch(edge -> edge.why() == Dependency.REAL_TIME);
            Finding finding = new Finding(kind(cycle), isInTime, explain(cycle));
            if (isInTime == realTime && !findings.contains(finding)) {
                findings.add(finding);
            }
        }
    }

    private static Anomaly kind(List<Edge> cycle) {
        int overwrittenReads = 0;
        boolean inARow = false;
        boolean reads = false;
        for (int i = 0; i < cycle.size(); i++) {
            boolean isOverwritten = cycle.get(i).why() == Dependency.RW;
            overwrittenReads += isOverwritten ? 1 : 0;
            inARow |= isOverwritten && cycle.get((i + 1) % cycle.size()).why() == Dependency.RW;
            reads |= cycle.get(i).why() == Dependency.WR;
        }
        if (overwrittenReads == 0) {
            return reads ? Anomaly.G1C : Anomaly.G0;
        }
        if (overwrittenReads == 1) {
            return Anomaly.G_SINGLE;
        }
        return inARow ? Anomaly.G2_ITEM : Anomaly.G_NONADJACENT;
    }

    private String explain(List<Edge> cycle) {
        return cycle.stream()
                .map(edge -> happened.get(edge.from()) + " -" + edge.why()
                        + (edge.why() == Dependency.REAL_TIME ? "" : " of key " + edge.key()) + "->")
                .collect(Collectors.joining(" "));
    }

    private void find(Anomaly anomaly, String explanation) {
        findings.add(new Finding(anomaly, false, explanation));
    }
}
