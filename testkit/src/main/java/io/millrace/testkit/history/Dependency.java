package io.millrace.testkit.history;

/** Why one transaction must come before another. */
enum Dependency {
    /** The other one overwrote its version. */
    WW,
    /** The other one read its version. */
    WR,
    /** The other one overwrote what it had read. */
    RW,
    /** The other one began after its end. */
    REAL_TIME
}
