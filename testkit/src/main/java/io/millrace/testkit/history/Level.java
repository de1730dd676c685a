package io.millrace.testkit.history;

/** What a history was promised to be; each level forbids what the one before it does. All of them respect real time. */
public enum Level {
    /** Adya's PL-2. */
    READ_COMMITTED,
    /** Strong snapshot isolation: each snapshot holds all that was acknowledged before it. */
    SNAPSHOT,
    /** Strict serializability. */
    SERIALIZABLE
}
