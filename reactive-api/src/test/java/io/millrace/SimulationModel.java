package io.millrace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import reactor.core.publisher.Flux;

/** The oracle of a simulation: a partition per client, counters that all raise, accounts between which all transfer. */
final class SimulationModel {
    static final String[] MAPS = {"alpha", "beta"};
    static final String ACCOUNTS = "accounts";
    static final String COUNTERS = "counters";
    static final int ACCOUNT_COUNT = 6;
    static final int COUNTER_COUNT = 2;
    static final long DEPOSIT = 100;

    private final List<PartitionModel> partitions = new ArrayList<>();
    private final long[] raised = new long[COUNTER_COUNT];
    private final long[] seen = new long[COUNTER_COUNT];
    private final long[] tried = new long[COUNTER_COUNT];
    private boolean accountsOpened;

    SimulationModel(int clients) {
        for (int i = 0; i < clients; i++) {
            partitions.add(new PartitionModel(prefix(i)));
        }
    }

    /** As it is now; goes its own way from here. */
    SimulationModel copy() {
        SimulationModel copy = new SimulationModel(0);
        partitions.forEach(partition -> copy.partitions.add(partition.copy()));
        for (int i = 0; i < COUNTER_COUNT; i++) {
            copy.raised[i] = raised[i];
            copy.seen[i] = seen[i];
            copy.tried[i] = tried[i];
        }
        copy.accountsOpened = accountsOpened;
        return copy;
    }

    static String prefix(int client) {
        return "c" + client + "/";
    }

    int clients() {
        return partitions.size();
    }

    PartitionModel partition(int client) {
        return partitions.get(client);
    }

    /** The first thing that is written. */
    void openAccounts(SimulatedStore simulated) {
        if (!accountsOpened) {
            Store store = simulated.store();
            OrderedMap<String, Long> accounts = store.map(ACCOUNTS, Codecs.utf8(), Codecs.int64());
            simulated.await(store.write(tx -> Flux.range(0, ACCOUNT_COUNT)
                    .concatMap(i -> accounts.in(tx).put("a" + i, DEPOSIT))
                    .then()));
            accountsOpened = true;
        }
    }

    boolean areAccountsOpen() {
        return accountsOpened;
    }

    void tryToRaise(int counter) {
        tried[counter]++;
    }

    void raised(int counter, long to) {
        if (to > tried[counter]) {
            throw new AssertionError("UncommittedLeavesNoTrace: counter " + counter + " was raised to " + to + " in "
                    + tried[counter] + " attempts");
        }
        raised[counter]++;
    }

    void notRaised(int counter) {
        tried[counter]--;
    }

    /** Everything there is, in one snapshot; compared with what may be there. */
    void check(SimulatedStore simulated, boolean restarted) {
        int[] certain = new int[clients()];
        for (int i = 0; i < certain.length; i++) {
            certain[i] = partitions.get(i).certain();
        }
        long[] least = new long[COUNTER_COUNT];
        for (int i = 0; i < COUNTER_COUNT; i++) {
            least[i] = Math.max(raised[i], seen[i]);
        }
        Contents found = read(simulated, clients());
        String where = restarted ? "after a restart" : "in a snapshot";
        for (int i = 0; i < certain.length; i++) {
            Map<String, byte[]> partition = found.partition(i);
            if (restarted) {
                partitions.get(i).restart(partition, where);
            } else {
                partitions.get(i).observe(certain[i], partition, where);
            }
        }
        found.checkNothingElse();
        checkAccounts(found, where);
        checkCounters(found, least, where, restarted);
    }

    private void checkAccounts(Contents found, String where) {
        long sum = found.accounts.values().stream().mapToLong(Long::longValue).sum();
        boolean none = found.accounts.isEmpty() && !accountsOpened;
        if (!none && (found.accounts.size() != ACCOUNT_COUNT || sum != ACCOUNT_COUNT * DEPOSIT)) {
            throw new AssertionError("UncommittedLeavesNoTrace: " + where + " the accounts are " + found.accounts);
        }
        accountsOpened |= !none;
    }

    private void checkCounters(Contents found, long[] least, String where, boolean restarted) {
        for (int i = 0; i < COUNTER_COUNT; i++) {
            long value = found.counters.getOrDefault("k" + i, 0L);
            if (value < least[i]) {
                throw new AssertionError("CommittedStaysCommitted: " + where + " counter " + i + " is " + value
                        + " but was raised " + least[i] + " times");
            }
            if (value > tried[i]) {
                throw new AssertionError("UncommittedLeavesNoTrace: " + where + " counter " + i + " is " + value
                        + " after " + tried[i] + " attempts");
            }
            seen[i] = Math.max(seen[i], value);
            if (restarted) {
                tried[i] = value;
                raised[i] = value;
            }
        }
    }

    /** The maps that a client alone has, and drops and renames. */
    static List<String> ownMaps(int client) {
        return List.of("own-" + client + "-a", "own-" + client + "-b", "own-" + client + "-c");
    }

    private static Contents read(SimulatedStore simulated, int clients) {
        Contents contents = new Contents();
        List<String> names = new ArrayList<>(List.of(MAPS));
        for (int i = 0; i < clients; i++) {
            names.addAll(ownMaps(i));
        }
        MillraceStore store = simulated.store();
        simulated.await(store.read(snapshot -> {
                    Flux<Integer> all = Flux.empty();
                    for (String name : names) {
                        all = all.concatWith(store.map(name, Codecs.utf8(), Codecs.bytes())
                                .in(snapshot)
                                .scan(Range.all())
                                .map(entry -> contents.add(name, entry)));
                    }
                    for (String name : List.of(ACCOUNTS, COUNTERS)) {
                        Map<String, Long> target = name.equals(ACCOUNTS) ? contents.accounts : contents.counters;
                        all = all.concatWith(store.map(name, Codecs.utf8(), Codecs.int64())
                                .in(snapshot)
                                .scan(Range.all())
                                .map(entry -> contents.add(target, entry)));
                    }
                    return all;
                })
                .then());
        return contents;
    }

    /** What a snapshot holds. */
    private static final class Contents {
        private final Map<String, TreeMap<String, byte[]>> partitions = new HashMap<>();
        private final Map<String, Long> accounts = new TreeMap<>();
        private final Map<String, Long> counters = new TreeMap<>();
        private String last = "";

        int add(String map, Entry<String, byte[]> entry) {
            String key = map + " " + entry.key();
            if (key.compareTo(last) <= 0) {
                throw new AssertionError("a scan went from " + last + " to " + key);
            }
            last = key;
            String prefix = entry.key().substring(0, entry.key().indexOf('/') + 1);
            partitions.computeIfAbsent(prefix, unused -> new TreeMap<>()).put(key, entry.value());
            return 1;
        }

        int add(Map<String, Long> target, Entry<String, Long> entry) {
            target.put(entry.key(), entry.value());
            return 1;
        }

        Map<String, byte[]> partition(int client) {
            TreeMap<String, byte[]> partition = partitions.remove(prefix(client));
            return partition == null ? Map.of() : partition;
        }

        void checkNothingElse() {
            if (!partitions.isEmpty()) {
                throw new AssertionError("UncommittedLeavesNoTrace: keys nobody wrote: " + partitions.keySet());
            }
        }
    }
}
