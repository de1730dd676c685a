package io.millrace;

import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** Something that stays open between operations and has to go when the store closes. */
interface OpenWork {
    /** The store closes: end soon. Called on a thread of the store's; may come more than once, and after the end. */
    void storeCloses();

    /** What is open now. Lock-free. */
    final class Registry {
        private final ConcurrentSkipListMap<Long, OpenWork> open = new ConcurrentSkipListMap<>();
        private final AtomicLong numbers = new AtomicLong();
        private final OperationGate gate;

        Registry(OperationGate gate) {
            this.gate = gate;
        }

        /** Adds {@code work}, which is behind the gate, and answers its number. */
        long add(OpenWork work) {
            long number = numbers.incrementAndGet();
            open.put(number, work);
            return number;
        }

        /** For work that was added and is set up: tells it if the store began to close before it was there to be told. */
        void checkOpen(OpenWork work) {
            if (gate.isClosed()) {
                work.storeCloses();
            }
        }

        void remove(long number) {
            open.remove(number);
        }

        /** Tells everybody that the store closes. */
        void closeAll() {
            open.values().forEach(OpenWork::storeCloses);
        }
    }
}
