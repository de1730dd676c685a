package io.millrace.btree;

/** Takes what {@link Salvage} could read. */
@FunctionalInterface
public interface SalvageSink {
    /** One entry of a map. Entries come in no particular order; of one key, the last one counts. */
    void entry(String map, byte[] key, byte[] value);
}
