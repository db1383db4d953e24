/**
 * Priority and fairness (KEP-1040): which flow a request belongs to, how many of a priority level run at once, and who waits
 * in which queue. {@link dev.sampan.apiserver.flowcontrol.FlowControl} owns the configuration, {@link
 * dev.sampan.apiserver.flowcontrol.Seats} the seats and queues.
 */
@NullMarked
package dev.sampan.apiserver.flowcontrol;

import org.jspecify.annotations.NullMarked;
