package io.millrace.perf.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.compare.Asynchronous;
import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Operation;
import io.millrace.perf.compare.Session;
import io.millrace.perf.load.InFlight;
import io.millrace.perf.load.Keys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContendersTest {
    private static final long CACHE = 16 << 20;
    private static final int LOADED = 2500;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void everybodyKeepsWhatItIsGivenAndKeepsItAcrossAReopening(Contenders who) {
        try (Contender contender = who.open(directory, CACHE)) {
            contender.load(entries());
            try (Session session = contender.session()) {
                assertNull(session.get(Keys.key(LOADED)));
                session.put(Keys.key(LOADED), value(7));
                assertArrayEquals(value(7), session.get(Keys.key(LOADED)));
                checkScan(session);
                if (contender.hasTransactions()) {
                    session.transfer(Keys.key(1), Keys.key(2));
                }
            }
            started(contender);
        }
        try (Contender contender = who.open(directory, CACHE);
                Session session = contender.session()) {
            assertArrayEquals(value(3), session.get(Keys.key(3)));
            assertArrayEquals(value(7), session.get(Keys.key(LOADED)));
            long moved = contender.hasTransactions() ? 1 : 0;
            long started = contender.asynchronous() == null ? 0 : 1;
            assertEquals(1 - moved - started, Balance.of(session.get(Keys.key(1))));
            assertEquals(2 + moved + started, Balance.of(session.get(Keys.key(2))));
        }
    }

    private static void checkScan(Session session) {
        List<String> found = new ArrayList<>();
        long count = session.scan(
                Keys.key(LOADED - 2),
                2,
                (key, value) -> found.add(new String(key, StandardCharsets.US_ASCII) + "=" + Balance.of(value)));
        assertEquals(2, count);
        assertEquals(List.of("user000000002498=2498", "user000000002499=2499"), found);
        assertEquals(LOADED + 1, session.scan(Keys.key(0), Long.MAX_VALUE >> 1, (key, value) -> {}));
    }

    private static void started(Contender contender) {
        Asynchronous asynchronous = contender.asynchronous();
        if (asynchronous != null) {
            InFlight flight = new InFlight(4);
            for (Operation operation : List.of(
                    new Operation(Operation.Kind.TRANSFER, Keys.key(1), Keys.key(2), 0),
                    new Operation(Operation.Kind.GET, Keys.key(5), null, 0),
                    new Operation(Operation.Kind.SCAN, Keys.key(5), null, 10),
                    new Operation(Operation.Kind.MODIFY, Keys.key(6), value(6), 0))) {
                asynchronous.start(operation, flight.take().begin(System.nanoTime()));
            }
            flight.drain();
            assertEquals(4, flight.completed());
        }
        assertTrue(contender.settings().length() > 5);
    }

    private static Iterator<KeyValue> entries() {
        return IntStream.range(0, LOADED)
                .mapToObj(i -> new KeyValue(Keys.key(i), value(i)))
                .iterator();
    }

    private static byte[] value(int number) {
        return ByteBuffer.allocate(20).putLong(number).array();
    }
}
