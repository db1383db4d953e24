/**
 * CertificateSigningRequests: Kubernetes' own signers, the approval of nodes' requests, who may approve and sign, and the
 * removal of old requests. {@link dev.sampan.apiserver.certificates.CertificateSigner} owns its worker. It lives in the API
 * server because the authority's key never leaves it.
 */
@NullMarked
package dev.sampan.apiserver.certificates;

import org.jspecify.annotations.NullMarked;
