/**
 * The cluster's certificate authorities, certificates and keys, and kubeconfig files. {@link
 * dev.sampan.apiserver.pki.PkiDirectory} owns the files; everything else here is immutable. Depends on BouncyCastle and
 * the JDK only.
 */
@NullMarked
package dev.sampan.apiserver.pki;

import org.jspecify.annotations.NullMarked;
