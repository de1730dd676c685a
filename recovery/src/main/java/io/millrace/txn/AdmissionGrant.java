package io.millrace.txn;

import io.millrace.wal.Share;

/**
 * Log credits asked for, and later granted, for one record: its next step may use them once (L13).
 *
 * @param recordBytes length of the record
 * @param undoBytes log bytes reserved for its undoing
 * @param share whose share they come from
 */
record AdmissionGrant(int recordBytes, long undoBytes, Share share) {}
