package io.millrace.perf.compare;

/** One thread's way into a {@link Contender}; every call waits for its result, every change until it is durable. */
public interface Session extends AutoCloseable {
    /** The value, null if there is none. */
    byte[] get(byte[] key);

    /** Sets the value. */
    void put(byte[] key, byte[] value);

    /** Gives {@code sink} the first {@code limit} entries from {@code from} on; answers how many there were. */
    long scan(byte[] from, long limit, Sink sink);

    /** Moves one unit between the balances that the first eight bytes of two values are, in one transaction. */
    void transfer(byte[] from, byte[] to);

    @Override
    void close();

    /** Takes what a scan finds. */
    interface Sink {
        void accept(byte[] key, byte[] value);
    }

    /** Does it and throws the result away. */
    default void run(Operation operation) {
        switch (operation.kind()) {
            case GET -> get(operation.key());
            case PUT -> put(operation.key(), operation.value());
            case SCAN -> scan(operation.key(), operation.limit(), (key, value) -> {});
            case TRANSFER -> transfer(operation.key(), operation.value());
            case MODIFY -> {
                get(operation.key());
                put(operation.key(), operation.value());
            }
        }
    }
}
