package io.millrace.testkit;

import io.millrace.storage.StorageName;
import io.millrace.testkit.DirectoryChange.Create;
import io.millrace.testkit.DirectoryChange.CreateDirectory;
import io.millrace.testkit.DirectoryChange.Delete;
import io.millrace.testkit.DirectoryChange.Rename;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The names of a simulated disk: those a caller sees, those on the platter, and the changes in between, oldest first.
 * Guarded by the lock of the {@link SimulatedDirectory}.
 */
final class Entries {

    private final TreeMap<String, SimulatedContent> visible = new TreeMap<>();
    private final TreeMap<String, SimulatedContent> durable = new TreeMap<>();
    private final Set<String> visibleDirectories = new TreeSet<>(Set.of(""));
    private final Set<String> durableDirectories = new TreeSet<>(Set.of(""));
    private final List<Pending> pending = new ArrayList<>();
    private long lostWrites;
    private long tornWrites;

    long lostWrites() {
        return lostWrites;
    }

    long tornWrites() {
        return tornWrites;
    }

    TreeMap<String, SimulatedContent> files() {
        return visible;
    }

    boolean hasDirectory(String name) {
        return visibleDirectories.contains(name);
    }

    SimulatedContent create(String name) {
        SimulatedContent content = new SimulatedContent();
        change(new Create(name, content));
        return content;
    }

    void delete(String name) {
        change(new Delete(name, visible.get(name)));
    }

    void rename(String from, String to) {
        change(new Rename(from, to, visible.get(from)));
    }

    void createDirectory(String name) {
        if (!hasDirectory(name)) {
            change(new CreateDirectory(name));
        }
    }

    /** Makes durable what touches this directory alone; a rename between two directories needs a force of both. */
    void force(String directory) {
        List<Pending> rest = new ArrayList<>();
        for (Pending each : pending) {
            each.unforced.remove(directory);
            if (each.unforced.isEmpty()) {
                each.change.apply(durable, durableDirectories);
                // What a failed force left behind can't come back over something newer.
                rest.removeIf(older -> older.unforced.contains(Pending.NEVER)
                        && !Collections.disjoint(older.change.names(), each.change.names()));
            } else {
                rest.add(each);
            }
        }
        pending.clear();
        pending.addAll(rest);
    }

    /** A force failed: no later force makes durable what is pending there now. But for directories: nobody could make one that is there anew. */
    void forceFailed(String directory) {
        for (Pending each : pending) {
            if (each.unforced.contains(directory) && !(each.change instanceof CreateDirectory)) {
                each.unforced.add(Pending.NEVER);
            }
        }
    }

    /** After the death of the process. */
    Entries copy() {
        Map<SimulatedContent, SimulatedContent> copies = new HashMap<>();
        Entries copy = new Entries();
        visible.forEach((name, content) -> copy.visible.put(name, twin(copies, content)));
        durable.forEach((name, content) -> copy.durable.put(name, twin(copies, content)));
        copy.visibleDirectories.addAll(visibleDirectories);
        copy.durableDirectories.addAll(durableDirectories);
        for (Pending each : pending) {
            copy.pending.add(new Pending(withTwin(copies, each.change), new HashSet<>(each.unforced)));
        }
        return copy;
    }

    /** After power loss: of the unforced changes either the first few survive, or any. */
    Entries survivors(Random random, Predicate<String> tornAtAnyByte) {
        TreeMap<String, SimulatedContent> files = new TreeMap<>(durable);
        Set<String> directories = new TreeSet<>(durableDirectories);
        boolean prefix = random.nextBoolean();
        int first = random.nextInt(pending.size() + 1);
        for (int i = 0; i < pending.size(); i++) {
            if (prefix ? i < first : random.nextBoolean()) {
                pending.get(i).change.apply(files, directories);
            }
        }
        Entries after = new Entries();
        after.durableDirectories.addAll(directories);
        after.visibleDirectories.addAll(directories);
        files.forEach((name, content) -> {
            if (directories.contains(StorageName.directoryOf(name))) {
                PowerLoss loss = new PowerLoss(random, tornAtAnyByte.test(name));
                after.durable.put(name, content.survivors(loss));
                after.lostWrites += loss.lost();
                after.tornWrites += loss.torn();
            }
        });
        after.visible.putAll(after.durable);
        return after;
    }

    private void change(DirectoryChange change) {
        change.apply(visible, visibleDirectories);
        pending.add(new Pending(change, new HashSet<>(change.directories())));
    }

    private static SimulatedContent twin(Map<SimulatedContent, SimulatedContent> copies, SimulatedContent content) {
        return copies.computeIfAbsent(content, SimulatedContent::copy);
    }

    private static DirectoryChange withTwin(Map<SimulatedContent, SimulatedContent> copies, DirectoryChange change) {
        if (change instanceof Create create) {
            return new Create(create.name(), twin(copies, create.content()));
        }
        if (change instanceof Delete delete) {
            return new Delete(delete.name(), twin(copies, delete.content()));
        }
        if (change instanceof Rename rename) {
            return new Rename(rename.from(), rename.to(), twin(copies, rename.content()));
        }
        return change;
    }

    /** A change, and the directories that must still be forced for it. */
    private static final class Pending {

        /** No name of a directory, so never forced. */
        private static final String NEVER = "/";

        private final DirectoryChange change;
        private final Set<String> unforced;

        private Pending(DirectoryChange change, Set<String> unforced) {
            this.change = change;
            this.unforced = unforced;
        }
    }
}
