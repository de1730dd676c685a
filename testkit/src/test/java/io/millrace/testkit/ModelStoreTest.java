package io.millrace.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ModelStoreTest {

    private final ModelStore store = new ModelStore();

    @Test
    void ordersUnsigned() {
        store.put(new byte[] {(byte) 0x80}, new byte[] {1});
        store.put(new byte[] {0x7F}, new byte[] {2});
        store.put(new byte[] {0x7F, 0}, new byte[] {3});
        assertArrayEquals(new byte[] {0x7F}, store.scan(null, null).get(0).getKey());
        assertEquals(2, store.scan(null, new byte[] {(byte) 0x80}).size());
        assertEquals(0, store.scan(new byte[] {5}, new byte[] {4}).size());
        assertTrue(store.delete(new byte[] {0x7F}));
        assertFalse(store.delete(new byte[] {0x7F}));
        assertEquals(2, store.size());
    }

    @Test
    void remembersVersions() {
        byte[] key = Keys.sequential(1);
        store.put(key, new byte[] {1});
        store.commit(10);
        store.put(key, new byte[] {2});
        store.commit(20);
        assertNull(store.at(9).get(key));
        assertArrayEquals(new byte[] {1}, store.at(19).get(key));
        assertArrayEquals(new byte[] {2}, store.at(99).get(key));
    }

    @Test
    void tellsTheFirstDifference() {
        store.put(Keys.sequential(1), new byte[] {1});
        ModelStore other = store.snapshot();
        assertNull(store.difference(other.scan(null, null)));
        other.put(Keys.sequential(2), new byte[] {1});
        assertNotNull(store.difference(other.scan(null, null)));
        assertNotNull(other.difference(store.scan(null, null)));
    }

    @Test
    void keysAreWhatTheyPromise() {
        assertEquals("user000000000042", new String(Keys.sequential(42), StandardCharsets.US_ASCII));
        Random random = new Random(1);
        byte[] prefix = {9, 9};
        for (int i = 0; i < 100; i++) {
            int length = Keys.random(random, 8).length;
            assertTrue(length >= 1 && length <= 8);
            assertArrayEquals(prefix, Arrays.copyOf(Keys.commonPrefix(prefix, random, 4), 2));
        }
    }
}
