package io.millrace.txn;

import io.millrace.common.Memory;

/** Key and values of an operation that has to wait, copied to the heap while its workspace serves others. */
final class Operands {
    private final byte[] key;
    private final byte[] value;
    private final byte[] expected;
    private final boolean valueIsLong;
    private final boolean expectedIsLong;

    private Operands(byte[] key, byte[] value, byte[] expected, boolean valueIsLong, boolean expectedIsLong) {
        this.key = key;
        this.value = value;
        this.expected = expected;
        this.valueIsLong = valueIsLong;
        this.expectedIsLong = expectedIsLong;
    }

    static Operands of(Workspace workspace) {
        return new Operands(
                copy(workspace.keyAddress, workspace.keyLength),
                copy(workspace.valueAddress, workspace.valueLength),
                copy(workspace.expectedAddress, workspace.expectedLength),
                workspace.valueIsLong,
                workspace.expectedIsLong);
    }

    private static byte[] copy(long address, int length) {
        byte[] bytes = new byte[length];
        Memory.copyToArray(address, bytes, 0, length);
        return bytes;
    }

    void restore(Workspace workspace) {
        workspace.key(key, 0, key.length);
        workspace.value(value, 0, value.length);
        workspace.expected(expected, 0, expected.length);
        workspace.valueIsLong = valueIsLong;
        workspace.expectedIsLong = expectedIsLong;
    }
}
