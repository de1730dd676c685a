package io.millrace;

import io.millrace.btree.BTree;
import io.millrace.btree.LongValueWriter;
import io.millrace.btree.WriteMode;
import io.millrace.txn.Step;
import io.millrace.txn.ValueMemory;
import io.millrace.txn.Workspace;
import java.util.Arrays;

/**
 * The value of one write, and the one that it expects to find. Short ones stand in the workspace. Long ones stand on the heap, in memory that is
 * accounted for, and from there go to pages of their own once the write has found that it may be done: until the write has linked them they
 * are pending, and if it never does they are freed. Used by the operation's steps, and by its end.
 */
final class ValueWriting<V> {
    private final StoreEngine store;
    private final MapAccess<?, V> map;
    private final boolean writes;
    private final boolean compares;
    private final V value;
    private final V expected;
    /** Null if nothing is compared. */
    private final ValueReading comparing;

    private ValueMemory.Share share;
    private boolean encoded;
    private byte[] longExpected;
    private int longExpectedLength;
    private byte[] compared;
    private boolean equal;
    private LongValueWriter writer;
    private boolean linked;

    /** The values of a write in this mode, which may need none, or one. */
    ValueWriting(StoreEngine store, MapAccess<?, V> map, WriteMode mode, V value, V expected) {
        this.store = store;
        this.map = map;
        writes = !mode.deletes();
        compares = mode == WriteMode.REPLACE;
        this.value = value;
        this.expected = expected;
        comparing = compares ? new ValueReading(store, true) : null;
    }

    /** At the beginning of each step: makes both the workspace's operands. DONE or NO_VALUE_MEMORY. */
    Step operands(Workspace workspace) {
        if (!encoded) {
            Step step = encode(workspace);
            if (step != Step.DONE) {
                return step;
            }
            encoded = true;
        }
        if (longExpected != null) {
            expectLong(workspace);
        }
        if (writer != null) {
            writer.operand(workspace);
        }
        return Step.DONE;
    }

    private Step encode(Workspace workspace) {
        if (share == null) {
            // What is compared with it is as long.
            long needed = !compares ? 0 : 2L * map.shortExpected(workspace, expected);
            needed += !writes ? 0 : map.shortValue(workspace, value);
            if (needed == 0) {
                return Step.DONE;
            }
            share = store.values().share(needed);
        }
        if (!share.take()) {
            workspace.neededMemory = share;
            return Step.NO_VALUE_MEMORY;
        }
        encodeLong(workspace);
        return Step.DONE;
    }

    private void encodeLong(Workspace workspace) {
        long taken = 0;
        if (compares && map.shortExpected(workspace, expected) != 0) {
            longExpectedLength = map.longExpected(workspace, expected);
            longExpected = workspace.encoding.detach();
            taken += 2L * longExpectedLength;
        }
        if (writes && map.shortValue(workspace, value) != 0) {
            int length = map.longValue(workspace, value);
            writer = store.trees().longValueWriter(workspace.encoding.detach(), length);
            taken += length;
        }
        share.shrinkTo(taken);
    }

    private void expectLong(Workspace workspace) {
        long reference = 0;
        if (compared != null) {
            workspace.result(compared);
            reference = workspace.resultAddress;
        }
        BTree.expectLong(workspace, longExpectedLength, reference, equal);
    }

    /** After the write has answered WRITE_LONG or COMPARE_LONG: does that. CONTENDED when the write is to run again, or what to wait for. */
    Step goOn(Workspace workspace, Scope scope, Step outcome) {
        if (outcome == Step.LOCKED || outcome == Step.AWAIT_DURABLE) {
            letGo();
        }
        if (outcome == Step.WRITE_LONG) {
            Step step = writer.write(workspace);
            return step == Step.DONE ? Step.CONTENDED : step;
        }
        if (outcome == Step.COMPARE_LONG && !comparing.begin(workspace, scope)) {
            return Step.CONTENDED;
        }
        return outcome == Step.COMPARE_LONG ? compare(workspace, scope) : outcome;
    }

    /** Whoever has the key may need the memory to come to its end: what stands in no page yet is encoded once more after the wait. */
    private void letGo() {
        if (share != null && (writer == null || writer.head() == 0)) {
            writer = null;
            longExpected = null;
            encoded = false;
            share.giveBack();
            share = null;
        }
    }

    /** Whether a long value is being read to be compared: {@link #compare} goes on with that. */
    boolean compares() {
        return comparing != null && comparing.isUnderWay();
    }

    /** CONTENDED when the write is to run again, or what to wait for. */
    Step compare(Workspace workspace, Scope scope) {
        byte[] reference = comparing.reference();
        Step step = comparing.read(workspace, scope);
        if (step == Step.DONE) {
            byte[] found = comparing.take();
            compared = reference;
            equal = Arrays.equals(found, 0, found.length, longExpected, 0, longExpectedLength);
            return Step.CONTENDED;
        }
        return step;
    }

    /** The write has been done, and has linked the long value if there is one. */
    void linked() {
        linked = true;
    }

    /** The operation is over, or begins anew: what was written and is not linked is freed, the memory given back. Idempotent. */
    void end() {
        if (comparing != null) {
            comparing.end();
        }
        if (writer != null && !linked) {
            store.catalogue().reclaimer().unlinked(writer.head());
        }
        writer = null;
        longExpected = null;
        if (share != null) {
            share.giveBack();
            share = null;
        }
    }
}
