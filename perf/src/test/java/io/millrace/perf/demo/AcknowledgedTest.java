package io.millrace.perf.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcknowledgedTest {
    @TempDir
    private Path directory;

    @Test
    void comesBackFromItsFile() throws IOException {
        Acknowledged written = new Acknowledged();
        for (int number : new int[] {0, 1, 2, 5, 7, 8}) {
            written.transfer(Transfer.id(1, number), number);
        }
        written.transfer(Transfer.id(2, 4), 99);
        written.count(3, 12);
        written.count(3, 13);
        written.writeTo(directory.resolve("acknowledged"));

        Acknowledged read = Acknowledged.readFrom(directory.resolve("acknowledged"));
        assertEquals(7, read.transferCount());
        assertEquals(99, read.lsn());
        assertEquals(13, read.highestCount(3));
        assertEquals(0, read.highestCount(2));
        assertTrue(read.hasTransfer(Transfer.id(1, 5)));
        assertFalse(read.hasTransfer(Transfer.id(1, 6)));
        assertFalse(read.hasTransfer(Transfer.id(3, 5)));
    }

    @Test
    void noticesACountThatIsEmittedTwice() {
        Acknowledged acknowledged = new Acknowledged();
        acknowledged.count(0, 1);
        acknowledged.count(0, 2);
        assertEquals(0, acknowledged.repeated());
        acknowledged.count(0, 2);
        assertEquals(1, acknowledged.repeated());
        assertEquals(2, acknowledged.total());
    }
}
