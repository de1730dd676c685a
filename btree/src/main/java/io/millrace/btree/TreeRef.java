package io.millrace.btree;

/**
 * Which tree, and where its root lies; the root never moves.
 *
 * @param treeId the tree's number, never used twice
 * @param rootPage page id of the root
 * @param createdLsn LSN of the tree's creation; known durably only once that is durable
 */
public record TreeRef(long treeId, long rootPage, long createdLsn) {}
