package io.millrace.buffer;

/**
 * The descriptor of a frame: one cache line off-heap.
 *
 * <pre>
 *  0            8            16           24            32       36       40     44        48       52      56           64
 *  +------------+------------+------------+-------------+--------+--------+------+---------+--------+-------+------------+
 *  | latch word | page id    | recLSN     | recLSN after| chain  | stack  | pins | writing | recent | fresh | chain page |
 *  |            | or -1      | or 0       | copy or 0   | next   | next   |      |         |        |       |            |
 *  +------------+------------+------------+-------------+--------+--------+------+---------+--------+-------+------------+
 *   u64          i64          u64          u64           i32      i32      i32    i32       i32      i32     i64
 * </pre>
 *
 * <p>Who writes what:
 * <ul>
 *   <li>latch word: everybody, see {@link FrameLatch}
 *   <li>page id: under the exclusive latch; read by anybody (acquire)
 *   <li>recLSNs: a changer under the exclusive latch, the cleaner under the shared one; read by anybody (volatile)
 *   <li>chain next: under the stripe lock; read by look-ups (acquire). Kept when a frame leaves a chain, so that a look-up standing on it goes on
 *   <li>stack next: {@link FrameStack}
 *   <li>pins: up under the stripe lock, down by compare-and-set; the top bit says that a load slot goes with the last pin
 *   <li>writing: 0 to 1 by the cleaner that copies the page, by compare-and-set under the shared latch; back to 0 by the same one
 *   <li>recent: the clock's; set by anybody (plain, a lost update costs nothing), cleared by the clock
 *   <li>fresh: under the exclusive latch: installed and not released since; such a page may vanish again, nobody else may count on it
 *   <li>chain page: under the stripe lock, when the frame enters a chain: the page whose chain it is. A discarded frame has no page any more but
 *       stays in that chain until an engine thread unlinks it
 * </ul>
 */
final class FrameLayout {
    static final int LATCH = 0;
    static final int PAGE_ID = 8;
    static final int REC_LSN = 16;
    static final int REC_LSN_AFTER_COPY = 24;
    static final int CHAIN_NEXT = 32;
    static final int STACK_NEXT = 36;
    static final int PINS = 40;
    static final int WRITING = 44;
    static final int RECENT = 48;
    static final int FRESH = 52;
    static final int CHAIN_PAGE = 56;

    static final int SIZE_SHIFT = 6;
    static final int SIZE = 1 << SIZE_SHIFT;

    /** No frame: end of a chain or stack. */
    static final int NONE = -1;
    /** No page: the frame is free or on its way there. */
    static final long NO_PAGE = -1;

    private FrameLayout() {}
}
