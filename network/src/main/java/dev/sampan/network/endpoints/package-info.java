/**
 * Which addresses stand behind a Service: pure functions over EndpointSlices, shared by the service proxy and the ingress
 * gateway.
 */
@NullMarked
package dev.sampan.network.endpoints;

import org.jspecify.annotations.NullMarked;
