/**
 * Who makes a request: client certificates, ServiceAccount tokens, static tokens, anonymous, and impersonation. {@link
 * dev.sampan.apiserver.authn.Authentication} wires the parts. Nothing here keeps state between requests.
 */
@NullMarked
package dev.sampan.apiserver.authn;

import org.jspecify.annotations.NullMarked;
