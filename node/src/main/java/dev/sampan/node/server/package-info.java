/** The node's own HTTPS API, kubelet's: the API server is its only client and proves that with its certificate. */
@NullMarked
package dev.sampan.node.server;

import org.jspecify.annotations.NullMarked;
