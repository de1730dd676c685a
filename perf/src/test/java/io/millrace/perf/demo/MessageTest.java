package io.millrace.perf.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageTest {
    @Test
    void everyMessageIsReadAsItWasWritten() {
        List<Message> messages = List.of(
                new Message.Ready(17),
                new Message.RecoveryBegun(0),
                new Message.TransferDone(Transfer.id(3, 9), 123_456),
                new Message.Counted(4, 99),
                new Message.Figures(1, 2, 3, 4, 5),
                new Message.Failed("StoreLockedException: somebody else has it"),
                new Message.Problem("account 7 is gone"),
                new Message.Audited(250, 77, new Verdict(10, 11, 1, 2, -5, 6, 3, List.of())));
        for (Message message : messages) {
            assertEquals(message, Message.parse(message.line()));
        }
    }

    @Test
    void aMessageIsOneLine() {
        assertEquals("e a b  c", new Message.Failed("a\nb\r\nc").line());
    }

    @Test
    void anythingElseIsRefused() {
        for (String line : List.of("", "t", "t 1", "t 1 2 3", "x 1", "t 1 b", "t1 2", "c 1 ", "WARNING: something")) {
            assertThrows(IllegalArgumentException.class, () -> Message.parse(line), line);
        }
    }

    @Test
    void aCutLineIsNoLine() throws IOException {
        String whole = "t 1 10\nt 2 20\nt 3 3";
        for (int length = 0; length <= whole.length(); length++) {
            String cut = whole.substring(0, length);
            WholeLines lines = new WholeLines(new ByteArrayInputStream(cut.getBytes(StandardCharsets.UTF_8)));
            List<String> read = readAll(lines);
            List<String> expected = new ArrayList<>(List.of(cut.split("\n", -1)));
            String rest = expected.remove(expected.size() - 1);
            assertEquals(expected, read, cut);
            assertEquals(!rest.isEmpty(), lines.hasCutLine(), cut);
        }
    }

    @Test
    void linesMayComeInAnyPieces() throws IOException {
        byte[] bytes = "t 1 10\nc 2 20\n".getBytes(StandardCharsets.UTF_8);
        InputStream byteByByte = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] b, int off, int len) {
                return super.read(b, off, Math.min(1, len));
            }
        };
        WholeLines lines = new WholeLines(byteByByte);
        assertEquals(List.of("t 1 10", "c 2 20"), readAll(lines));
        assertFalse(lines.hasCutLine());
        assertNull(lines.next());
    }

    @Test
    void longLinesAreWhole() throws IOException {
        String text = "x".repeat(200_000);
        byte[] bytes = ("e " + text + "\nr 1\n").getBytes(StandardCharsets.UTF_8);
        List<String> read = readAll(new WholeLines(new ByteArrayInputStream(bytes)));
        assertEquals(List.of("e " + text, "r 1"), read);
    }

    @Test
    void theBarFills() {
        assertTrue(Progress.bar(0).startsWith("[-"));
        assertEquals("[############------------]", Progress.bar(0.5));
        assertTrue(Progress.bar(1.5).endsWith("#]"));
    }

    private static List<String> readAll(WholeLines lines) throws IOException {
        List<String> read = new ArrayList<>();
        for (String line = lines.next(); line != null; line = lines.next()) {
            read.add(line);
        }
        return read;
    }
}
