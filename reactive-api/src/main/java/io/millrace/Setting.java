package io.millrace;

import static io.millrace.SettingType.CHOICE;
import static io.millrace.SettingType.COUNT;
import static io.millrace.SettingType.DURATION;
import static io.millrace.SettingType.PATH;
import static io.millrace.SettingType.SIZE;

import io.millrace.error.InvalidConfigurationException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The table of settings: the one place where keys, defaults and limits stand. {@code docs/configuration.md} is made from it. */
enum Setting {
    BUFFER_POOL_SIZE("buffer-pool.size", SIZE, "64MiB", "128KiB", "16TiB", "Memory for pages, outside the heap."),
    BUFFER_POOL_PAGE_SIZE(
            "buffer-pool.page-size",
            SIZE,
            "16KiB",
            "4KiB",
            "32KiB",
            "Size of a page, a power of two. Fixed when the store is created; limits keys (1/8)."),
    BUFFER_POOL_STRIPES(
            "buffer-pool.stripes",
            COUNT,
            "64",
            "1",
            "4096",
            "Parts of the page table with a lock each, a power of two."),
    BUFFER_POOL_CLEANERS("buffer-pool.cleaners", COUNT, "1", "1", "64", "Threads that write changed pages back."),
    WAL_RING_SLOTS(
            "wal.ring-slots", COUNT, "16384", "256", "4194304", "Slots between writers and the log, a power of two."),
    WAL_SLOT_SIZE(
            "wal.slot-size",
            SIZE,
            "256B",
            "64B",
            "4KiB",
            "Size of a slot, a power of two. A record takes one or more."),
    WAL_SEGMENT_SIZE("wal.segment-size", SIZE, "16MiB", "64KiB", "1GiB", "Size of a file of the log."),
    WAL_SYNC(
            "wal.sync",
            "force",
            List.of("force", "dsync", "direct", "interval(DURATION)", "none"),
            "How the log reaches the disk, and so what a commit has survived when it completes; see [durability](durability.md)."),
    WAL_MAX_DELAY(
            "wal.max-delay",
            DURATION,
            "0s",
            "0s",
            "100ms",
            "How long a batch waits for more records before it is written, unless somebody waits for room; 0s: not at all."),
    WAL_MAX_SIZE(
            "wal.max-size",
            SIZE,
            "0B",
            "0B",
            "16TiB",
            "Most bytes all files of the log may have, 0B for no limit: checkpoints hurry, then writers wait, then they are refused."),
    WAL_RETAIN("wal.retain", SIZE, "0B", "0B", "16TiB", "Bytes of log that are kept though nobody needs them."),
    WAL_ARCHIVE_DIRECTORY(
            "wal.archive-directory",
            "Where finished files of the log are copied to; they are kept until they are there. Nothing: nowhere."),
    CHECKPOINT_INTERVAL(
            "checkpoint.interval",
            DURATION,
            "5s",
            "1ms",
            "24h",
            "Longest time between checkpoints of a store that is written to."),
    CHECKPOINT_LOG_BYTES(
            "checkpoint.log-bytes",
            SIZE,
            "64MiB",
            "64KiB",
            "1TiB",
            "Longest log that a restart has to repeat: changed pages are written back steadily to keep it so."),
    CHECKPOINT_TARGET_RECOVERY_TIME(
            "checkpoint.target-recovery-time",
            DURATION,
            "10s",
            "100ms",
            "24h",
            "Longest time that repeating the log after a crash should take: the same, by the speed of the last restart."),
    RECOVERY_THREADS(
            "recovery.threads",
            COUNT,
            "0",
            "0",
            "256",
            "Threads that repeat the log after a crash; 0: one per core. Fewer where memory is small."),
    TRANSACTION_ISOLATION(
            "transaction.isolation",
            "snapshot",
            List.of("read-committed", "snapshot", "serializable"),
            "Isolation where the options name none."),
    TRANSACTION_RETRIES(
            "transaction.retries",
            COUNT,
            "16",
            "0",
            "1000000",
            "How often a transaction is run again after a conflict."),
    TRANSACTION_TIMEOUT(
            "transaction.timeout",
            DURATION,
            "5m",
            "1ms",
            "24h",
            "A transaction that has not been asked to commit by then is rolled back."),
    TRANSACTION_LOCK_TIMEOUT(
            "transaction.lock-timeout",
            DURATION,
            "5s",
            "1ms",
            "24h",
            "Longest wait of a write for a key that a transaction has written."),
    TRANSACTION_MAX_OPEN("transaction.max-open", COUNT, "8192", "8", "1048576", "Most transactions running at once."),
    TRANSACTION_MAX_SNAPSHOTS(
            "transaction.max-snapshots",
            COUNT,
            "16384",
            "16",
            "1048576",
            "Most snapshots open at once; each transaction and each scan has one."),
    TRANSACTION_MAX_SNAPSHOT_AGE(
            "transaction.max-snapshot-age",
            DURATION,
            "1h",
            "10ms",
            "8760h",
            "A snapshot older than this is too old as soon as it would keep overwritten versions."),
    TRANSACTION_MAX_RESULTS(
            "transaction.max-results", COUNT, "100000", "1", "100000000", "Most values a writeMany may emit."),
    TRANSACTION_MAX_READ_SET(
            "transaction.max-read-set",
            SIZE,
            "4MiB",
            "4KiB",
            "1GiB",
            "Memory for what one serializable transaction has read, on the heap."),
    TRANSACTION_MAX_VERSION_MEMORY(
            "transaction.max-version-memory",
            SIZE,
            "64MiB",
            "64KiB",
            "1TiB",
            "Memory for overwritten versions that open snapshots still need, outside the heap; as much again for stubs."),
    TRANSACTION_MAX_VALUE_SIZE(
            "transaction.max-value-size",
            SIZE,
            "64MiB",
            "1KiB",
            "64MiB",
            "Longest value. One of more than 1/4 page has pages of its own."),
    TRANSACTION_MAX_VALUE_MEMORY(
            "transaction.max-value-memory",
            SIZE,
            "256MiB",
            "64KiB",
            "1TiB",
            "Memory for values of more than 1/4 page on their way in and out, on the heap: operations wait for it. At least three times the longest value."),
    TRANSACTION_TABLE_SIZE(
            "transaction.table-size",
            COUNT,
            "1048576",
            "16384",
            "67108864",
            "Transactions whose outcome is remembered, a power of two; 16 bytes each, outside the heap."),
    LOAD_SORT_MEMORY(
            "load.sort-memory",
            SIZE,
            "64MiB",
            "1MiB",
            "16GiB",
            "Memory that a load sorts entries in that do not come in key order."),
    LOAD_SORT_DISK(
            "load.sort-disk",
            SIZE,
            "16GiB",
            "0B",
            "16TiB",
            "Most bytes that a load may write to temporary files in the store's directory to sort more than fits in that memory."),
    CHANGES_MEMORY(
            "changes.memory",
            SIZE,
            "4MiB",
            "64KiB",
            "1GiB",
            "Memory of a change stream for transactions that have not ended, on the heap; what is more is read again from the log."),
    CHANGES_MAX_COMMIT_SIZE(
            "changes.max-commit-size",
            SIZE,
            "256MiB",
            "64KiB",
            "1GiB",
            "Most that a transaction may have changed for a change stream to hand it over; it ends at a larger one."),
    CHANGES_MAX_HELD_LOG(
            "changes.max-held-log",
            SIZE,
            "1GiB",
            "0B",
            "16TiB",
            "Most log that a slow change stream keeps from being used again, 0B for no limit; one that needs more ends."),
    CHANGES_MAX_STREAMS(
            "changes.max-streams", COUNT, "64", "1", "4096", "Most change streams at once; each has 2MiB to read in."),
    REACTIVE_COMPLETION_THREADS(
            "reactive.completion-threads", COUNT, "0", "0", "256", "Threads that signal; 0: one per core, at least 2."),
    REACTIVE_IO_THREADS("reactive.io-threads", COUNT, "8", "1", "64", "Threads that load pages."),
    REACTIVE_PREFETCH(
            "reactive.prefetch", COUNT, "256", "1", "65536", "Most entries a scan reads ahead of what it emits.");

    private final String key;
    private final SettingType type;
    private final String defaultValue;
    private final long min;
    private final long max;
    private final String words;
    private final String description;

    Setting(String key, SettingType type, String defaultValue, String min, String max, String description) {
        this.key = key;
        this.type = type;
        this.defaultValue = defaultValue;
        this.min = type.parse(min);
        this.max = type.parse(max);
        this.words = "";
        this.description = description;
    }

    Setting(String key, String defaultValue, List<String> words, String description) {
        this.key = key;
        this.type = CHOICE;
        this.defaultValue = defaultValue;
        this.min = 0;
        this.max = 0;
        this.words = String.join(", ", words);
        this.description = description;
    }

    Setting(String key, String description) {
        this.key = key;
        this.type = PATH;
        this.defaultValue = "";
        this.min = 0;
        this.max = 0;
        this.words = "";
        this.description = description;
    }

    String key() {
        return key;
    }

    String defaultValue() {
        return defaultValue;
    }

    String description() {
        return description;
    }

    /** Whether a store keeps the value it was created with. */
    boolean isFixedAtCreation() {
        return this == BUFFER_POOL_PAGE_SIZE;
    }

    private boolean isPowerOfTwo() {
        return switch (this) {
            case BUFFER_POOL_PAGE_SIZE, BUFFER_POOL_STRIPES, WAL_RING_SLOTS, WAL_SLOT_SIZE, TRANSACTION_TABLE_SIZE ->
                true;
            default -> false;
        };
    }

    /** What may stand there, in words. */
    String allowed() {
        if (type == CHOICE) {
            return words;
        }
        if (type == PATH) {
            return type.shape() + ", or nothing";
        }
        return type.shape() + ", " + (isPowerOfTwo() ? "a power of two " : "") + "from " + type.print(min) + " to "
                + type.print(max);
    }

    /** Throws if {@code value} is not allowed. */
    void check(String value) {
        boolean right;
        if (type == CHOICE) {
            right = Stream.of(words.split(", ")).anyMatch(word -> isChoice(word, value.strip()));
        } else if (type == PATH) {
            right = isPath(value.strip());
        } else {
            long number = type.parse(value);
            right = number >= min && number <= max && (!isPowerOfTwo() || Long.bitCount(number) == 1);
        }
        if (!right) {
            throw new InvalidConfigurationException(key, value, allowed(), null);
        }
    }

    private static boolean isPath(String value) {
        try {
            return value.isEmpty() || Path.of(value).isAbsolute();
        } catch (InvalidPathException noPath) {
            return false;
        }
    }

    /** A choice may take a duration: {@code interval(DURATION)} stands for {@code interval(10ms)}. */
    private static boolean isChoice(String word, String value) {
        int operand = word.indexOf("(DURATION)");
        return operand < 0
                ? word.equals(value)
                : value.startsWith(word.substring(0, operand + 1))
                        && value.endsWith(")")
                        && DURATION.parse(value.substring(operand + 1, value.length() - 1)) > 0;
    }

    /** The number a checked value stands for. */
    long number(String value) {
        return type.parse(value);
    }
}
