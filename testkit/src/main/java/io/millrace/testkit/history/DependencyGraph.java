package io.millrace.testkit.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * A directed graph of transactions by number. Finds cycles by strongly connected components (Tarjan, 1972), and in a component a short cycle by
 * breadth-first search. One thread.
 */
final class DependencyGraph {
    private static final int SEARCHES_PER_COMPONENT = 64;

    /** An edge; {@code via} is another edge that follows it, if both are one step, else null. */
    record Edge(int from, int to, Dependency why, int key, Edge via) {
        int end() {
            return via == null ? to : via.to;
        }
    }

    private final int nodes;
    private final List<Edge> edges = new ArrayList<>();

    DependencyGraph(int nodes) {
        this.nodes = nodes;
    }

    void add(int from, int to, Dependency why, int key) {
        if (from != to) {
            edges.add(new Edge(from, to, why, key, null));
        }
    }

    /** The edges of these kinds only. */
    DependencyGraph only(Set<Dependency> kinds) {
        DependencyGraph graph = new DependencyGraph(nodes);
        edges.stream().filter(edge -> kinds.contains(edge.why)).forEach(graph.edges::add);
        return graph;
    }

    /**
     * The edges of {@code kinds}, and each followed by one read that was overwritten. Without cycles exactly if snapshots explain the history
     * (Cerone and Gotsman, J. ACM 2018): there every cycle has two such reads in a row.
     */
    DependencyGraph withOneOverwrittenReadAfter(Set<Dependency> kinds) {
        DependencyGraph graph = only(kinds);
        List<List<Edge>> overwritten = only(Set.of(Dependency.RW)).outgoing();
        for (Edge edge : List.copyOf(graph.edges)) {
            for (Edge next : overwritten.get(edge.to)) {
                graph.edges.add(new Edge(edge.from, edge.to, edge.why, edge.key, next));
            }
        }
        return graph;
    }

    private List<List<Edge>> outgoing() {
        List<List<Edge>> outgoing = new ArrayList<>(Collections.nCopies(nodes, List.of()));
        for (Edge edge : edges) {
            if (outgoing.get(edge.from).isEmpty()) {
                outgoing.set(edge.from, new ArrayList<>(2));
            }
            outgoing.get(edge.from).add(edge);
        }
        return outgoing;
    }

    /** A cycle of each component that has one; each edge ends where the next one begins, steps of two edges taken apart. */
    List<List<Edge>> cycles() {
        List<List<Edge>> outgoing = outgoing();
        List<List<Edge>> cycles = new ArrayList<>();
        int[] component = new Components(outgoing).find();
        int[] tried = new int[nodes];
        List<List<Edge>> best = new ArrayList<>(Collections.nCopies(nodes, null));
        for (Edge edge : edges) {
            int id = component[edge.from];
            if (id == component[edge.end()] && tried[id]++ < SEARCHES_PER_COMPONENT) {
                List<Edge> cycle = shortest(outgoing, component, edge);
                if (best.get(id) == null || cycle.size() < best.get(id).size()) {
                    best.set(id, cycle);
                }
            }
        }
        best.stream().filter(cycle -> cycle != null).forEach(cycles::add);
        return cycles;
    }

    private List<Edge> shortest(List<List<Edge>> outgoing, int[] component, Edge first) {
        Edge[] cameBy = new Edge[nodes];
        ArrayDeque<Integer> front = new ArrayDeque<>();
        front.add(first.end());
        while (first.end() != first.from && cameBy[first.from] == null) {
            int at = front.remove();
            for (Edge edge : outgoing.get(at)) {
                int to = edge.end();
                if (component[to] == component[at] && cameBy[to] == null && to != first.end()) {
                    cameBy[to] = edge;
                    front.add(to);
                }
            }
        }
        List<Edge> cycle = new ArrayList<>();
        for (int at = first.from; at != first.end(); at = cameBy[at].from) {
            addApart(cycle, cameBy[at]);
        }
        addApart(cycle, first);
        Collections.reverse(cycle);
        return cycle;
    }

    /** Backwards. */
    private static void addApart(List<Edge> cycle, Edge step) {
        if (step.via != null) {
            cycle.add(step.via);
        }
        cycle.add(new Edge(step.from, step.to, step.why, step.key, null));
    }

    /** Tarjan's search, with a stack of its own. */
    private static final class Components {
        private static final int UNSEEN = -1;

        private final List<List<Edge>> outgoing;
        private final int[] index;
        private final int[] low;
        private final int[] component;
        private final int[] nextEdge;
        private final ArrayDeque<Integer> path = new ArrayDeque<>();
        private final ArrayDeque<Integer> open = new ArrayDeque<>();
        private int seen;
        private int found;

        Components(List<List<Edge>> outgoing) {
            this.outgoing = outgoing;
            int nodes = outgoing.size();
            index = new int[nodes];
            low = new int[nodes];
            component = new int[nodes];
            nextEdge = new int[nodes];
            Arrays.fill(index, UNSEEN);
            Arrays.fill(component, UNSEEN);
        }

        int[] find() {
            for (int node = 0; node < index.length; node++) {
                if (index[node] == UNSEEN) {
                    enter(node);
                    while (!path.isEmpty()) {
                        advance(path.getLast());
                    }
                }
            }
            return component;
        }

        private void enter(int node) {
            index[node] = seen;
            low[node] = seen++;
            path.addLast(node);
            open.addLast(node);
        }

        private void advance(int node) {
            List<Edge> next = outgoing.get(node);
            if (nextEdge[node] == next.size()) {
                leave(node);
                return;
            }
            int to = next.get(nextEdge[node]++).end();
            if (index[to] == UNSEEN) {
                enter(to);
            } else if (component[to] == UNSEEN) {
                low[node] = Math.min(low[node], index[to]);
            }
        }

        private void leave(int node) {
            path.removeLast();
            if (!path.isEmpty()) {
                int parent = path.getLast();
                low[parent] = Math.min(low[parent], low[node]);
            }
            if (low[node] == index[node]) {
                int member;
                do {
                    member = open.removeLast();
                    component[member] = found;
                } while (member != node);
                found++;
            }
        }
    }
}
