/**
 * The audit log: which requests are written down, how much of them, and where. {@link dev.sampan.apiserver.audit.AuditLog}
 * owns the file; a trail belongs to its request's thread.
 */
@NullMarked
package dev.sampan.apiserver.audit;

import org.jspecify.annotations.NullMarked;
