/**
 * Ways through the API server to nodes, pods and services: logs, exec, attach, port-forward and plain HTTP. Requests are
 * authenticated, authorized and admitted when they get here; upgraded connections are tunnelled byte by byte, whatever
 * they speak. {@link dev.sampan.apiserver.proxy.Proxies} wires the parts. Nothing here keeps state between requests.
 */
@NullMarked
package dev.sampan.apiserver.proxy;

import org.jspecify.annotations.NullMarked;
