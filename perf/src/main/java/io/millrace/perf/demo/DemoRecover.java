package io.millrace.perf.demo;

import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.perf.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The child JVM that is to be killed while it recovers: says when it begins to open the store and when it is open, and waits for its end. It
 * opens an empty store first, so that what is killed later is recovery and not the loading of classes.
 */
final class DemoRecover {
    private DemoRecover() {}

    static int run(DemoOptions options) {
        ChildOutput out = new ChildOutput();
        try {
            long started = System.nanoTime();
            warmUp();
            long begin = System.nanoTime();
            out.send(new Message.RecoveryBegun((begin - started) / 1_000_000));
            Store store = Store.open(options.storeOptions()).block();
            out.send(new Message.Ready((System.nanoTime() - begin) / 1_000_000));
            // Until the parent kills this JVM, or is gone itself.
            while (System.in.read() >= 0) {
                store.durableLsn();
            }
            return 0;
        } catch (IOException | RuntimeException e) {
            out.fail(e);
            return 2;
        }
    }

    private static void warmUp() throws IOException {
        Path directory = Files.createTempDirectory("millrace-warm-up-");
        Store store = Store.open(StoreOptions.at(directory)).block();
        store.close().block();
        Directories.delete(directory);
    }
}
