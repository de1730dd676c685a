package io.millrace.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class IndexStackTest {
    @Test
    void givesWhatWasPushedLast() {
        IndexStack stack = IndexStack.empty(3);
        assertEquals(IndexStack.NONE, stack.pop());
        stack.push(2);
        stack.push(0);
        assertEquals(0, stack.pop());
        stack.push(1);
        assertEquals(1, stack.pop());
        assertEquals(2, stack.pop());
        assertEquals(IndexStack.NONE, stack.pop());
    }

    @Test
    void aFullOneHoldsEachNumberOnce() {
        IndexStack stack = IndexStack.full(5);
        for (int i = 0; i < 5; i++) {
            assertEquals(i, stack.pop());
        }
        assertEquals(IndexStack.NONE, stack.pop());
    }

    @Test
    void noNumberIsWithTwoThreadsAtOnce() throws InterruptedException {
        int capacity = 4;
        IndexStack stack = IndexStack.full(capacity);
        AtomicIntegerArray holders = new AtomicIntegerArray(capacity);
        AtomicInteger clashes = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            Thread thread = new Thread(() -> takeAndGiveBack(stack, holders, clashes));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, clashes.get());
        List<Integer> left = new ArrayList<>();
        for (int index = stack.pop(); index != IndexStack.NONE; index = stack.pop()) {
            left.add(index);
        }
        assertEquals(capacity, left.size());
        assertTrue(left.containsAll(List.of(0, 1, 2, 3)));
    }

    private static void takeAndGiveBack(IndexStack stack, AtomicIntegerArray holders, AtomicInteger clashes) {
        for (int i = 0; i < 200_000; i++) {
            int first = stack.pop();
            int second = stack.pop();
            giveBack(stack, holders, clashes, first);
            giveBack(stack, holders, clashes, second);
        }
    }

    private static void giveBack(IndexStack stack, AtomicIntegerArray holders, AtomicInteger clashes, int index) {
        if (index != IndexStack.NONE) {
            if (holders.incrementAndGet(index) != 1) {
                clashes.incrementAndGet();
            }
            holders.decrementAndGet(index);
            stack.push(index);
        }
    }
}
