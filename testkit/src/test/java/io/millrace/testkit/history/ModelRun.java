package io.millrace.testkit.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A store of lists that keeps its promises by doing next to nothing, and makes mistakes on demand: the source of histories to check. */
final class ModelRun {
    /** What it may do wrong. */
    enum Mistake {
        NONE,
        /** Commits although somebody else has written the key since. */
        FIRST_COMMITTER_DOES_NOT_WIN,
        /** Some snapshots do not hold the last commit. */
        OLD_SNAPSHOTS,
        /** Some reads are of now. */
        READS_OF_NOW,
        /** A crash loses the last acknowledged commit. */
        CRASH_LOSES_A_COMMIT
    }

    private static final int KEYS = 4;
    private static final int CLIENTS = 5;

    private static final class Client {
        private Recording recording;
        private int snapshot;
        private final Map<Integer, long[]> written = new HashMap<>();
        private final Set<Integer> read = new HashSet<>();
        private int rest;
    }

    private final History history = new History();
    private Life life = history.life();
    private final Random random;
    private final boolean serializable;
    private final List<Map<Integer, long[]>> states = new ArrayList<>(List.of(Map.of()));
    private final List<Client> clients = new ArrayList<>();
    private Mistake mistake = Mistake.NONE;

    ModelRun(Random random, boolean serializable) {
        this.random = random;
        this.serializable = serializable;
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Client());
        }
    }

    ModelRun with(Mistake wrong) {
        mistake = wrong;
        return this;
    }

    History run(int steps) {
        for (int i = 0; i < steps; i++) {
            step(clients.get(random.nextInt(CLIENTS)));
            if (random.nextInt(40) == 0) {
                crash();
            }
        }
        crash();
        Client last = new Client();
        begin(last, 0);
        for (int key = 0; key < KEYS; key++) {
            read(last, key);
        }
        commit(last);
        return history;
    }

    private void step(Client client) {
        if (client.recording == null) {
            begin(client, 1 + random.nextInt(4));
        } else if (client.rest-- > 0) {
            int key = random.nextInt(KEYS);
            if (random.nextBoolean()) {
                read(client, key);
            } else {
                append(client, key);
            }
        } else if (random.nextInt(10) == 0) {
            client.recording.aborted();
            client.recording = null;
        } else {
            commit(client);
        }
    }

    private void begin(Client client, int operations) {
        client.recording = life.begin();
        client.snapshot = states.size() - 1;
        if (mistake == Mistake.OLD_SNAPSHOTS && random.nextInt(4) == 0) {
            client.snapshot = Math.max(0, client.snapshot - 1);
        }
        client.written.clear();
        client.read.clear();
        client.rest = operations;
    }

    private long[] look(Client client, int key) {
        client.read.add(key);
        boolean now = mistake == Mistake.READS_OF_NOW && random.nextInt(4) == 0;
        Map<Integer, long[]> state = states.get(now ? states.size() - 1 : client.snapshot);
        return client.written.getOrDefault(key, state.getOrDefault(key, new long[0]));
    }

    private void read(Client client, int key) {
        client.recording.read(key, look(client, key));
    }

    private void append(Client client, int key) {
        long value = history.value();
        client.recording.append(key, value);
        long[] before = look(client, key);
        long[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = value;
        client.written.put(key, after);
    }

    private void commit(Client client) {
        Set<Integer> mustStand = new HashSet<>(serializable ? client.read : Set.of());
        mustStand.addAll(client.written.keySet());
        boolean stands = mustStand.stream().allMatch(key -> isAsInSnapshot(client, key));
        if (stands || mistake == Mistake.FIRST_COMMITTER_DOES_NOT_WIN) {
            client.recording.committing();
            install(client.written);
            client.recording.committed();
        } else {
            client.recording.aborted();
        }
        client.recording = null;
    }

    private boolean isAsInSnapshot(Client client, int key) {
        return Arrays.equals(
                states.get(client.snapshot).get(key),
                states.get(states.size() - 1).get(key));
    }

    private void install(Map<Integer, long[]> written) {
        Map<Integer, long[]> next = new HashMap<>(states.get(states.size() - 1));
        next.putAll(written);
        states.add(next);
    }

    /** What has asked for its commit happens, or does not. */
    private void crash() {
        for (Client client : clients) {
            if (client.recording != null && client.rest <= 0) {
                client.recording.committing();
                boolean stands = client.written.keySet().stream().allMatch(key -> isAsInSnapshot(client, key))
                        && (!serializable || client.read.stream().allMatch(key -> isAsInSnapshot(client, key)));
                if (stands && random.nextBoolean()) {
                    install(client.written);
                }
            }
            client.recording = null;
        }
        life.cut();
        life = history.life();
        if (mistake == Mistake.CRASH_LOSES_A_COMMIT && states.size() > 1) {
            states.remove(states.size() - 1);
        }
    }
}
