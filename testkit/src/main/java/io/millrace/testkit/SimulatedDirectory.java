package io.millrace.testkit;

import io.millrace.error.StoreLockedException;
import io.millrace.storage.NoSpaceException;
import io.millrace.storage.OpenFlag;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import io.millrace.storage.StorageLock;
import io.millrace.storage.StorageName;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A disk in memory that may do everything DESIGN section 7 allows, so that a red test is a bug of the engine.
 *
 * <p>May be lost at power loss: any subset of the 512-byte sectors (or finer, {@link #tornAtAnyByte}) of any unforced
 * writes; unforced truncations; and files created, renamed or deleted whose directory was not forced, any subset. Never
 * lost: what was forced, and the entries of a forced directory inside directories that are durable themselves. The death of
 * the process loses nothing, but makes nothing durable either. A failed force leaves what it was to force unforced for good.
 *
 * <p>Deterministic from the seed and the order of calls. Thread-safe, one lock. Once the machine has stopped every call
 * throws {@link SimulatedCrash}, but for {@code close}.
 */
public final class SimulatedDirectory implements StorageDirectory {

    private final Object lock = new Object();
    private final Entries entries;
    private final Random random;
    private final Map<IoKind, Long> calls = new EnumMap<>(IoKind.class);
    private final Map<Fault, Long> hits = new EnumMap<>(Fault.class);
    private final Set<String> locks = new HashSet<>();
    private FaultPlan faults = FaultPlan.none();
    private Predicate<String> tornAtAnyByte = name -> false;
    private long capacity = Long.MAX_VALUE;
    private boolean stopped;
    private boolean forcesHeld;
    private int forcesWaiting;
    private int openFiles;

    /** An empty disk. */
    public SimulatedDirectory(long seed) {
        this(new Entries(), new Random(seed));
    }

    private SimulatedDirectory(Entries entries, Random random) {
        this.entries = entries;
        this.random = random;
    }

    /** Replaces the plan; a plan counts from its own making. */
    public void faults(FaultPlan plan) {
        synchronized (lock) {
            faults = plan;
        }
    }

    /** Files whose writes may tear at any byte instead of at sectors. */
    public void tornAtAnyByte(Predicate<String> names) {
        synchronized (lock) {
            tornAtAnyByte = names;
        }
    }

    /** The bytes all files together may have; a write beyond takes what fits, then fails. May be raised or lowered. */
    public void capacity(long bytes) {
        synchronized (lock) {
            capacity = bytes;
        }
    }

    /** Flips a bit of a file at rest: on the platter, in the cache and on the way. */
    public void flipBit(String name, long position, int bit) {
        synchronized (lock) {
            content(name).flip(position, bit);
        }
    }

    /** Lets forces of files wait, until {@link #releaseForces}; to look at what must not happen before one. */
    public void holdForces() {
        synchronized (lock) {
            forcesHeld = true;
        }
    }

    /** Lets the waiting forces go on. */
    public void releaseForces() {
        synchronized (lock) {
            forcesHeld = false;
            lock.notifyAll();
        }
    }

    /** How many forces wait now. */
    public int forcesWaiting() {
        synchronized (lock) {
            return forcesWaiting;
        }
    }

    /** The calls of one kind so far. */
    public long calls(IoKind kind) {
        synchronized (lock) {
            return calls.getOrDefault(kind, 0L);
        }
    }

    /** The calls so far that {@linkplain IoKind#isChange change} the disk. */
    public long changes() {
        synchronized (lock) {
            return calls.entrySet().stream()
                    .filter(each -> each.getKey().isChange())
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }
    }

    /** How often a fault of this kind was injected. A write that found no room counts as {@link Fault#NO_SPACE}. */
    public long hits(Fault fault) {
        synchronized (lock) {
            return hits.getOrDefault(fault, 0L);
        }
    }

    /** Unforced writes of which the power loss that made this disk left nothing. */
    public long lostWrites() {
        synchronized (lock) {
            return entries.lostWrites();
        }
    }

    /** Unforced writes of which the power loss that made this disk left a part. */
    public long tornWrites() {
        synchronized (lock) {
            return entries.tornWrites();
        }
    }

    /** The bytes that all files together have. */
    public long bytes() {
        synchronized (lock) {
            return usedBytes();
        }
    }

    /** Files opened and not closed: 0 after an orderly close. */
    public int openFiles() {
        synchronized (lock) {
            return openFiles;
        }
    }

    /** Whether the file has writes that were not forced. */
    public boolean hasUnforced(String name) {
        synchronized (lock) {
            return content(name).hasPending();
        }
    }

    /** Whether the machine has stopped. */
    public boolean isStopped() {
        synchronized (lock) {
            return stopped;
        }
    }

    /** The process dies: this object stops, the one returned has all that was written, forced or not. */
    public SimulatedDirectory kill() {
        synchronized (lock) {
            stop();
            return successor(entries.copy());
        }
    }

    /** The power fails: this object stops, the one returned has what was forced and a random part of the rest. */
    public SimulatedDirectory crash(Random dice) {
        synchronized (lock) {
            stop();
            return afterPowerLoss(dice);
        }
    }

    /** What a power loss right now could leave; this object goes on, so that several outcomes can be looked at. */
    public SimulatedDirectory afterPowerLoss(Random dice) {
        synchronized (lock) {
            return successor(entries.survivors(dice, tornAtAnyByte));
        }
    }

    /** What the death of the process right now would leave; this object goes on. */
    public SimulatedDirectory afterKill() {
        synchronized (lock) {
            return successor(entries.copy());
        }
    }

    @Override
    public List<String> list(String subdirectory) throws IOException {
        StorageName.checkDirectory(subdirectory);
        synchronized (lock) {
            Fault fault = beginAndRaise(IoKind.LIST, subdirectory);
            List<String> names = entries.files().keySet().stream()
                    .filter(name -> StorageName.directoryOf(name).equals(subdirectory))
                    .toList();
            end(fault, IoKind.LIST, subdirectory);
            return names;
        }
    }

    @Override
    public boolean exists(String name) throws IOException {
        StorageName.check(name);
        synchronized (lock) {
            Fault fault = beginAndRaise(IoKind.EXISTS, name);
            end(fault, IoKind.EXISTS, name);
            return entries.files().containsKey(name) || entries.hasDirectory(name);
        }
    }

    @Override
    public StorageFile open(String name, OpenMode mode, OpenFlag... flags) throws IOException {
        StorageName.check(name);
        IoKind kind = mode == OpenMode.CREATE ? IoKind.CREATE : IoKind.OPEN;
        synchronized (lock) {
            Fault fault = beginAndRaise(kind, name);
            SimulatedContent content = mode == OpenMode.CREATE ? create(name) : existing(name);
            end(fault, kind, name);
            openFiles++;
            Set<OpenFlag> flagSet = EnumSet.noneOf(OpenFlag.class);
            flagSet.addAll(List.of(flags));
            return new SimulatedFile(this, name, content, mode, flagSet);
        }
    }

    @Override
    public boolean delete(String name) throws IOException {
        StorageName.check(name);
        synchronized (lock) {
            Fault fault = beginAndRaise(IoKind.DELETE, name);
            boolean there = entries.files().containsKey(name);
            if (there) {
                entries.delete(name);
            }
            end(fault, IoKind.DELETE, name);
            return there;
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        StorageName.check(from);
        StorageName.check(to);
        synchronized (lock) {
            Fault fault = beginAndRaise(IoKind.RENAME, from);
            existing(from);
            requireDirectory(StorageName.directoryOf(to));
            if (!from.equals(to)) {
                entries.rename(from, to);
            }
            end(fault, IoKind.RENAME, from);
        }
    }

    @Override
    public void createDirectory(String name) throws IOException {
        StorageName.checkDirectory(name);
        synchronized (lock) {
            Fault fault = beginAndRaise(IoKind.CREATE_DIRECTORY, name);
            if (entries.files().containsKey(name)) {
                throw new FileAlreadyExistsException(path(name));
            }
            entries.createDirectory(name);
            end(fault, IoKind.CREATE_DIRECTORY, name);
        }
    }

    @Override
    public void force(String subdirectory) throws IOException {
        StorageName.checkDirectory(subdirectory);
        synchronized (lock) {
            Fault fault = begin(IoKind.FORCE_DIRECTORY, subdirectory);
            if (fault.isError()) {
                entries.forceFailed(subdirectory);
            }
            raise(fault, subdirectory);
            requireDirectory(subdirectory);
            entries.force(subdirectory);
            end(fault, IoKind.FORCE_DIRECTORY, subdirectory);
        }
    }

    @Override
    public StorageLock lock(String name) throws IOException {
        StorageName.check(name);
        synchronized (lock) {
            Fault fault = beginAndRaise(IoKind.LOCK, name);
            if (!locks.add(name)) {
                throw new StoreLockedException(path(name), true);
            }
            if (!entries.files().containsKey(name)) {
                create(name);
            }
            end(fault, IoKind.LOCK, name);
        }
        return () -> {
            synchronized (lock) {
                locks.remove(name);
            }
        };
    }

    @Override
    public long usableBytes() {
        synchronized (lock) {
            return Math.max(0, capacity - usedBytes());
        }
    }

    @Override
    public String path(String name) {
        return "simulated:/" + name;
    }

    @Override
    public void close() {
        // files and locks belong to those who opened them
    }

    Object lock() {
        return lock;
    }

    /** Counts a call and stops the machine if it is the one to stop at. Under the lock. */
    Fault begin(IoKind kind, String name) {
        if (stopped) {
            throw new SimulatedCrash(kind + " " + name + ", called after the end");
        }
        calls.merge(kind, 1L, Long::sum);
        Fault fault = faults.next(kind, name);
        if (fault != Fault.NONE) {
            hits.merge(fault, 1L, Long::sum);
        }
        if (fault == Fault.CRASH) {
            stop();
            throw new SimulatedCrash(kind + " " + name);
        }
        return fault;
    }

    /** Fails the call if its fault is an error. */
    void raise(Fault fault, String name) throws IOException {
        if (fault == Fault.NO_SPACE) {
            throw noSpace(name);
        }
        if (fault.isError()) {
            throw new IOException("Input/output error (simulated): " + path(name));
        }
    }

    /** Stops the machine after the effect if its fault says so. */
    void end(Fault fault, IoKind kind, String name) {
        if (fault == Fault.CRASH_AFTER) {
            stop();
            throw new SimulatedCrash(kind + " " + name + ", done");
        }
    }

    IOException full(String name) {
        hits.merge(Fault.NO_SPACE, 1L, Long::sum);
        return noSpace(name);
    }

    private IOException noSpace(String name) {
        return new NoSpaceException(path(name), null);
    }

    /** How many bytes of a write find room on the disk. */
    int room(long size, long position, int length) {
        long free = Math.max(0, capacity - usedBytes());
        long growth = position + length - size;
        return growth <= free ? length : (int) Math.max(0, length - (growth - free));
    }

    int shortLength(int length) {
        return length == 0 ? 0 : random.nextInt(length);
    }

    void closed() {
        openFiles--;
    }

    /** Waits while forces are held. The machine may stop meanwhile. */
    void awaitForces() throws IOException {
        synchronized (lock) {
            forcesWaiting++;
            try {
                while (forcesHeld && !stopped) {
                    lock.wait();
                }
            } catch (InterruptedException unexpected) {
                Thread.currentThread().interrupt();
                throw new IOException("an engine thread was interrupted in a force", unexpected);
            } finally {
                forcesWaiting--;
            }
        }
    }

    private Fault beginAndRaise(IoKind kind, String name) throws IOException {
        Fault fault = begin(kind, name);
        raise(fault, name);
        return fault;
    }

    private SimulatedContent create(String name) throws IOException {
        requireDirectory(StorageName.directoryOf(name));
        if (entries.files().containsKey(name) || entries.hasDirectory(name)) {
            throw new FileAlreadyExistsException(path(name));
        }
        if (usedBytes() >= capacity) {
            throw full(name);
        }
        return entries.create(name);
    }

    private SimulatedContent existing(String name) throws IOException {
        SimulatedContent content = entries.files().get(name);
        if (content == null) {
            throw new NoSuchFileException(path(name));
        }
        return content;
    }

    private SimulatedContent content(String name) {
        SimulatedContent content = entries.files().get(name);
        if (content == null) {
            throw new IllegalArgumentException(
                    "no file " + name + " among " + entries.files().keySet());
        }
        return content;
    }

    private void requireDirectory(String name) throws IOException {
        if (!entries.hasDirectory(name)) {
            throw new NoSuchFileException(path(name));
        }
    }

    private long usedBytes() {
        return entries.files().values().stream()
                .mapToLong(SimulatedContent::size)
                .sum();
    }

    private void stop() {
        stopped = true;
        lock.notifyAll();
    }

    private SimulatedDirectory successor(Entries after) {
        SimulatedDirectory successor = new SimulatedDirectory(after, new Random(random.nextLong()));
        successor.tornAtAnyByte = tornAtAnyByte;
        successor.capacity = capacity;
        return successor;
    }
}
