/**
 * What Ingress objects mean: which of them are ours, which route a host and path take, what annotations ask for, which
 * certificate belongs to a host. Pure functions and immutable tables; the gateway package moves the bytes.
 */
@NullMarked
package dev.sampan.network.ingress;

import org.jspecify.annotations.NullMarked;
