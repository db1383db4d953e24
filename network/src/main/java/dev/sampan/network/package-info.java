/** Service proxy and ingress gateway. */
@NullMarked
package dev.sampan.network;

import org.jspecify.annotations.NullMarked;
