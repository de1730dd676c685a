package io.millrace.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class MillraceExceptionTest {

    private static final List<MillraceException> ONE_OF_EACH = List.of(
            new TransactionConflictException("orders", 5, 7),
            new DeadlockException("orders", 1, 2),
            new LockTimeoutException("orders", 2, Duration.ofMillis(50)),
            new SnapshotTooOldException(5, 9),
            new StoreOverloadedException("waiting operations"),
            new StorageFullException("/d/data", 4096, null),
            new StorageIoException("force /d/wal/1", new java.io.IOException("x")),
            new OutcomeUnknownException(7, null),
            new CorruptPageException("/d/data", 3, 9, 1, 2),
            new CorruptLogException("/d/wal/1", 4096, 9, "checksum"),
            new IncompatibleFormatException("/d/data", "7", "1"),
            new StoreLockedException("/d/lock", false),
            new StoreClosedException("/d"),
            new LimitExceededException("key", 10, 11),
            new LogPositionGoneException(3, 9),
            new InvalidConfigurationException("wal.snyc", "force", null, "wal.sync"));

    @Test
    void transientAreExactlyTheFourThatARetryCanCure() {
        Set<Class<?>> retried = ONE_OF_EACH.stream()
                .filter(MillraceException::isTransient)
                .map(Object::getClass)
                .collect(Collectors.toSet());
        assertEquals(
                Set.of(
                        TransactionConflictException.class,
                        DeadlockException.class,
                        LockTimeoutException.class,
                        SnapshotTooOldException.class),
                retried);
    }

    @Test
    void frequentOnesTakeNoStackTrace() {
        for (MillraceException e : ONE_OF_EACH) {
            if (e.isTransient()) {
                assertEquals(0, e.getStackTrace().length, e.toString());
            }
        }
    }

    @Test
    void messagesNameTheirFacts() {
        assertEquals(16, ONE_OF_EACH.size());
        assertTrue(ONE_OF_EACH.get(8).getMessage().contains("page 3 of /d/data"));
        assertTrue(ONE_OF_EACH.get(15).getMessage().contains("did you mean wal.sync?"));
    }
}
