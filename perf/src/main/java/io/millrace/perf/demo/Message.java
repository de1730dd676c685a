package io.millrace.perf.demo;

import java.util.List;

/**
 * What a child JVM tells the parent: one line of ASCII words each, the first of which is its kind. A line counts only with its line feed: a
 * kill cuts the last one anywhere.
 */
sealed interface Message {
    /** The text of the line, without its line feed. */
    String line();

    /** The store is open; opening it took so long. */
    record Ready(long openMillis) implements Message {
        @Override
        public String line() {
            return "r " + openMillis;
        }
    }

    /** The child is about to open the store, and {@link Ready} follows when it is open; getting ready for it took so long. */
    record RecoveryBegun(long warmUpMillis) implements Message {
        @Override
        public String line() {
            return "b " + warmUpMillis;
        }
    }

    /** A transfer is durable, as is everything up to an LSN. */
    record TransferDone(long id, long durableLsn) implements Message {
        @Override
        public String line() {
            return "t " + id + ' ' + durableLsn;
        }
    }

    /** A counter durably has this value. */
    record Counted(int counter, long value) implements Message {
        @Override
        public String line() {
            return "c " + counter + ' ' + value;
        }
    }

    /** Figures of the store since it was opened; {@code retried} are transfers given up after too many conflicts. */
    record Figures(long commits, long durableLsn, long forces, long logRecords, long givenUp) implements Message {
        @Override
        public String line() {
            return "s " + commits + ' ' + durableLsn + ' ' + forces + ' ' + logRecords + ' ' + givenUp;
        }
    }

    /** It can't go on. */
    record Failed(String text) implements Message {
        @Override
        public String line() {
            return "e " + text.replace('\n', ' ').replace('\r', ' ');
        }
    }

    /** Something the audit does not like. */
    record Problem(String text) implements Message {
        @Override
        public String line() {
            return "p " + text.replace('\n', ' ').replace('\r', ' ');
        }
    }

    /** The audit's result; problems come before it, each in its own line. */
    record Audited(long recoveryMillis, long durableLsn, Verdict verdict) implements Message {
        @Override
        public String line() {
            return "v " + recoveryMillis + ' ' + durableLsn + ' ' + verdict.acknowledged() + ' ' + verdict.journalled()
                    + ' ' + verdict.lost() + ' ' + verdict.torn() + ' ' + verdict.total() + ' '
                    + verdict.expectedTotal() + ' ' + verdict.lastRound();
        }
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    static Message parse(String line) {
        if (line.length() < 2 || line.charAt(1) != ' ') {
            throw notAMessage(line);
        }
        String rest = line.substring(2);
        char kind = line.charAt(0);
        if (kind == 'e') {
            return new Failed(rest);
        }
        if (kind == 'p') {
            return new Problem(rest);
        }
        long[] words = numbers(line, rest);
        return switch (kind + "" + words.length) {
            case "r1" -> new Ready(words[0]);
            case "b1" -> new RecoveryBegun(words[0]);
            case "t2" -> new TransferDone(words[0], words[1]);
            case "c2" -> new Counted(Math.toIntExact(words[0]), words[1]);
            case "s5" -> new Figures(words[0], words[1], words[2], words[3], words[4]);
            case "v9" ->
                new Audited(
                        words[0],
                        words[1],
                        new Verdict(words[2], words[3], words[4], words[5], words[6], words[7], words[8], List.of()));
            default -> throw notAMessage(line);
        };
    }

    private static long[] numbers(String line, String words) {
        String[] parts = words.split(" ", -1);
        long[] numbers = new long[parts.length];
        try {
            for (int i = 0; i < parts.length; i++) {
                numbers[i] = Long.parseLong(parts[i]);
            }
        } catch (NumberFormatException e) {
            throw notAMessage(line);
        }
        return numbers;
    }

    private static IllegalArgumentException notAMessage(String line) {
        return new IllegalArgumentException("not a line of the demo's protocol: \"" + line + '"');
    }
}
