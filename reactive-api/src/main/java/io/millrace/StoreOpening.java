package io.millrace;

import io.millrace.common.EngineThreads;
import io.millrace.error.InvalidConfigurationException;
import io.millrace.error.StorageFullException;
import io.millrace.error.StorageIoException;
import io.millrace.recovery.RestartLog;
import io.millrace.recovery.RestartProgress;
import io.millrace.recovery.StoreFiles;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.NoSpaceException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** Opens a store, on a thread of its own. */
final class StoreOpening {
    private static final System.Logger LOG = System.getLogger(StoreOpening.class.getName());
    private static final int MAX_PROPERTIES_BYTES = 1 << 20;
    private static final Object CANCELLED = new Object();

    private final StoreOptions options;
    private final MonoSink<Store> sink;

    /** The open store, or {@link #CANCELLED}; whoever comes second to it acts. */
    private final AtomicReference<Object> outcome = new AtomicReference<>();

    private StoreOpening(StoreOptions options, MonoSink<Store> sink) {
        this.options = options;
        this.sink = sink;
    }

    static Mono<Store> open(StoreOptions options) {
        return Mono.create(sink -> {
            if (options == null) {
                sink.error(new NullPointerException("the options are null"));
                return;
            }
            StoreOpening opening = new StoreOpening(options, sink);
            sink.onCancel(opening::cancelled);
            EngineThreads.SYSTEM.start("open", opening::run);
        });
    }

    private void cancelled() {
        if (outcome.getAndSet(CANCELLED) instanceof Store store) {
            store.close().subscribe();
        }
    }

    private void run() {
        MillraceStore store;
        try {
            RuntimeAccess.ensure();
            store = openStore();
        } catch (IOException | RuntimeException | Error failure) {
            sink.error(openFailure(failure));
            return;
        }
        if (outcome.compareAndSet(null, store)) {
            sink.success(store);
        } else {
            store.close().subscribe();
        }
    }

    private MillraceStore openStore() throws IOException {
        StorageDirectory directory = LocalDirectory.open(options.directory());
        Configuration configuration;
        boolean created;
        try {
            configuration = Configuration.of(properties(directory), options.settings(), System.getProperties());
            // Before the lock file is made: a foreign directory stays as it is.
            created = !StoreFiles.isStore(directory);
        } catch (IOException | RuntimeException failure) {
            directory.close();
            throw failure;
        }
        EngineAssembly assembly = EngineAssembly.open(directory, configuration, new LogLines());
        MillraceStore store =
                new MillraceStore(new StoreEngine(assembly, configuration, directory.describe()), created);
        if (!created && !store.recoveryReport().cleanClose()) {
            LOG.log(System.Logger.Level.INFO, () -> line(store.recoveryReport()));
        }
        return store;
    }

    private static String line(RecoveryReport report) {
        return "restart: done in " + report.duration().toMillis() + " ms: " + report.recordsRead()
                + " records read, " + report.changesRedone() + " changes repeated, " + report.transactionsRolledBack()
                + " transactions with " + report.changesUndone() + " changes rolled back, "
                + report.tornPagesRestored() + " torn pages restored, "
                + report.damagedPages().size() + " pages damaged";
    }

    private static Map<String, String> properties(StorageDirectory directory) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        if (!directory.exists(StoreFiles.PROPERTIES)) {
            return settings;
        }
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(read(directory)));
        } catch (IllegalArgumentException malformed) {
            throw new InvalidConfigurationException(
                    directory.path(StoreFiles.PROPERTIES),
                    String.valueOf(malformed.getMessage()),
                    "a properties file in UTF-8",
                    null);
        }
        for (String key : properties.stringPropertyNames()) {
            settings.put(key, properties.getProperty(key));
        }
        return settings;
    }

    private static String read(StorageDirectory directory) throws IOException {
        try (StorageFile file = directory.open(StoreFiles.PROPERTIES, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), MAX_PROPERTIES_BYTES));
            file.read(0, bytes);
            return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        }
    }

    /** A full disk may show in any step of opening; nothing is open then that could go on later. */
    private Throwable openFailure(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof NoSpaceException full) {
                return new StorageFullException(full.path(), failure);
            }
        }
        return translate("open " + options.directory(), failure);
    }

    /** What the user gets for a failure of the engine's threads. */
    static Throwable translate(String what, Throwable failure) {
        Throwable cause = failure instanceof UncheckedIOException ? failure.getCause() : failure;
        return cause instanceof IOException ? new StorageIoException(what, cause) : cause;
    }

    /** What the engine tells, for those who read the log of the JVM. */
    private static final class LogLines implements EngineEvents {
        private final RestartLog restart = new RestartLog();

        @Override
        public void begins(boolean clean, long scanStartLsn) {
            restart.begins(clean, scanStartLsn);
        }

        @Override
        public void restarting(RestartProgress progress) {
            restart.restarting(progress);
        }

        @Override
        public void poisoned(Throwable cause) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "a write or force has failed for good: the store answers reads only, until it is opened again",
                    cause);
        }
    }
}
