package io.millrace.perf.log;

import io.millrace.btree.LoggedChange;
import io.millrace.btree.NameHistory;
import io.millrace.perf.result.Json;
import io.millrace.txn.LoggedRecord;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Prints the records of a log that are wanted, as lines for people or as JSON, one object a line, or only counts them. One thread. */
final class RecordPrinter {
    private static final int MOST_KEY_BYTES = 40;

    private final PrintStream out;
    private final String tree;
    private final long transaction;
    private final boolean json;
    private final boolean counts;
    private final LoggedRecord record = new LoggedRecord();
    private final LoggedChange change = new LoggedChange();
    private final Map<String, long[]> counted = new TreeMap<>();
    private NameHistory names = new NameHistory(new HashMap<>(), 1);

    /**
     * A printer.
     *
     * @param tree name or number of the map whose records are wanted, null for all
     * @param transaction id of the transaction whose records are wanted, 0 for all
     * @param counts whether records are only counted
     */
    RecordPrinter(PrintStream out, String tree, long transaction, boolean json, boolean counts) {
        this.out = out;
        this.tree = tree;
        this.transaction = transaction;
        this.json = json;
        this.counts = counts;
    }

    /** What maps are called at last. */
    void names(Map<Long, String> byTree) {
        names = new NameHistory(byTree, 1);
    }

    /** The next record of the log. */
    void record(long lsn, long address, int length) {
        record.wrap(lsn, address, length);
        names.note(record);
        record.rewind();
        List<Map<String, Object>> changes = new ArrayList<>();
        boolean wanted = tree == null;
        while (record.nextChange()) {
            Map<String, Object> described = describe();
            wanted |= tree != null && isOf(described);
            changes.add(described);
        }
        if (wanted && (transaction == 0 || transaction == record.transactionId())) {
            take(changes);
        }
    }

    private boolean isOf(Map<String, Object> described) {
        return tree.equals(described.get("map")) || tree.equals(String.valueOf(described.get("tree")));
    }

    private Map<String, Object> describe() {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("operation", LoggedChange.operation(record.changeOperation()));
        described.put("page", record.changePage());
        if (!change.readKey(record)) {
            described.put("bytes", record.changeLength());
            return described;
        }
        String name = change.ofCatalogue() ? "(names)" : names.nameAt(change.treeId(), record.lsn());
        described.put("tree", change.treeId());
        if (name != null) {
            described.put("map", name);
        }
        described.put("key", text(change.key()));
        if ("LEAF_PUT".equals(described.get("operation"))) {
            change.read(record);
            value(described);
        }
        return described;
    }

    private void value(Map<String, Object> described) {
        if (change.locks()) {
            described.put("lock", true);
        } else if (change.deletes()) {
            described.put("deleted", true);
        } else {
            described.put("valueBytes", change.isLong() ? change.longValue().length() : change.value().length);
        }
        if (change.knowsOldValue()) {
            byte[] old = change.oldValue();
            described.put("oldValueBytes", old == null ? -1 : old.length);
        }
    }

    /** As text if it is some, else in hexadecimal digits; cut short if it is long. */
    private static String text(byte[] key) {
        boolean readable = true;
        for (byte each : key) {
            readable &= each >= ' ' && each < 0x7F;
        }
        int length = Math.min(key.length, MOST_KEY_BYTES);
        String text = readable
                ? "\"" + new String(key, 0, length, StandardCharsets.US_ASCII) + "\""
                : "0x" + HexFormat.of().formatHex(key, 0, length);
        return length < key.length ? text + "..." : text;
    }

    private void take(List<Map<String, Object>> changes) {
        String kind = String.valueOf(record.kind());
        if (counts) {
            count(kind, record.length());
            for (Map<String, Object> each : changes) {
                Object map = each.getOrDefault("map", each.get("tree"));
                count("  " + each.get("operation") + (map == null ? "" : " " + map), 0);
            }
        } else if (json) {
            out.println(Json.line(asMap(kind, changes)));
        } else {
            out.println(asText(kind, changes));
        }
    }

    private void count(String what, long bytes) {
        long[] sums = counted.computeIfAbsent(what, first -> new long[2]);
        sums[0]++;
        sums[1] += bytes;
    }

    private Map<String, Object> asMap(String kind, List<Map<String, Object>> changes) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("lsn", record.lsn());
        map.put("kind", kind);
        map.put("bytes", record.length());
        if (record.transactional()) {
            map.put("transaction", id());
            map.put("previousLsn", record.previousLsn());
        }
        map.put("commits", record.commits());
        map.put("changes", changes);
        return map;
    }

    private String id() {
        return String.format("%016x", record.transactionId());
    }

    private String asText(String kind, List<Map<String, Object>> changes) {
        StringBuilder text = new StringBuilder();
        text.append(record.lsn()).append(' ').append(kind);
        if (record.transactional()) {
            text.append(" tx ").append(id()).append(" previous ").append(record.previousLsn());
        }
        if (record.commits()) {
            text.append(" commits");
        }
        text.append(", ").append(record.length()).append(" bytes");
        for (Map<String, Object> each : changes) {
            text.append("; ");
            each.forEach((name, value) -> append(text, name, value));
            text.setLength(text.length() - 1);
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String name, Object value) {
        switch (name) {
            case "operation", "key" -> text.append(value);
            case "lock", "deleted" -> text.append(name);
            default -> text.append(name).append(' ').append(value);
        }
        text.append(' ');
    }

    /** The end: prints what was counted. */
    void finish() {
        for (Map.Entry<String, long[]> each : counted.entrySet()) {
            long[] sums = each.getValue();
            if (json) {
                out.println(Json.line(Map.of("what", each.getKey().strip(), "count", sums[0], "bytes", sums[1])));
            } else {
                out.println(each.getKey() + ": " + sums[0] + (sums[1] == 0 ? "" : ", " + sums[1] + " bytes"));
            }
        }
    }
}
