/**
 * Moves requests from clients to endpoints: Jetty in front, blocking code on virtual threads, connections of our own to the
 * backends so that it is known exactly whether a failed request may be sent again. Routes, certificates and endpoints are
 * immutable tables that the owner replaces.
 */
@NullMarked
package dev.sampan.network.gateway;

import org.jspecify.annotations.NullMarked;
