/**
 * APIServices: group versions that other servers answer, reached through this one with the front proxy's identity. {@link
 * dev.sampan.apiserver.aggregation.Aggregator} owns the table of what is aggregated and its worker.
 */
@NullMarked
package dev.sampan.apiserver.aggregation;

import org.jspecify.annotations.NullMarked;
