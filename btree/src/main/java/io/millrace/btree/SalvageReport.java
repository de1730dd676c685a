package io.millrace.btree;

import java.util.SortedMap;

/**
 * What {@link Salvage} could read, and what not.
 *
 * @param store what is wrong with the store
 * @param entries number of entries read, by map
 * @param uncertain how many of them a transaction of the last run wrote, whose end stands in the log alone: it may not have been committed. 0 if
 *     the store was closed in order
 */
public record SalvageReport(StoreReport store, SortedMap<String, Long> entries, long uncertain) {}
