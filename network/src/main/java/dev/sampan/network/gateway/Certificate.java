package dev.sampan.network.gateway;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** A server certificate with its key and the chain behind it, the server's own first. */
public record Certificate(PrivateKey key, List<X509Certificate> chain) {}
