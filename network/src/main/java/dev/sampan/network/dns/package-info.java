/**
 * The cluster's names as the Kubernetes DNS specification 1.1 defines them: {@link dev.sampan.network.dns.ClusterZone}
 * answers from what it is shown and holds nothing; {@link dev.sampan.network.dns.DnsServer} owns the sockets.
 */
@NullMarked
package dev.sampan.network.dns;

import org.jspecify.annotations.NullMarked;
