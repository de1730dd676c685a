/**
 * Ordered storage: a B+tree over slotted pages with variable-length keys and values.
 *
 * <p>Changes pages only inside a mini-transaction and never sees the log. Operations are restartable: one that meets a page that is not in
 * memory says so and runs again once the page is there.
 */
package io.millrace.btree;
