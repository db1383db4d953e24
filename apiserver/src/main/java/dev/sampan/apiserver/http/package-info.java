/**
 * The network edge: TLS with HTTP/2 and HTTP/1.1 on Jetty with virtual threads. Turns requests of the wire into {@link
 * dev.sampan.apiserver.ApiRequest} and answers back; knows nothing of Kubernetes beyond that.
 */
@NullMarked
package dev.sampan.apiserver.http;

import org.jspecify.annotations.NullMarked;
