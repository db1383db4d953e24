/**
 * How everything else reaches a cluster, this one or any other: fabric8 clients over HTTPS or in process, shared
 * informers, keyed work queues with their controllers, leader election and the event recorder.
 *
 * <p>State: an informer owns its cache, a {@link dev.sampan.client.WorkQueue} its keys; both are safe for many threads.
 * Depends on fabric8 and nothing else of ours.
 */
@NullMarked
package dev.sampan.client;

import org.jspecify.annotations.NullMarked;
