package dev.sampan.apiserver.pki;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster's certificates and keys on disk, laid out as kubeadm lays out {@code /etc/kubernetes/pki}. Whatever is
 * asked for is made on first use, reused afterwards, and made anew when less than a third of its life (at most 30 days)
 * is left, when its authority changed, or when it lacks a host name that is asked for. Private files are readable by
 * their owner only and replaced atomically.
 *
 * <p>Safe for use by several threads; the files belong to one process at a time.
 */
public final class PkiDirectory {
    private static final String ADMIN = "admin";

    private static final Logger LOG = LoggerFactory.getLogger(PkiDirectory.class);
    private static final Duration CA_VALIDITY = Duration.ofDays(3650);
    private static final Duration LEAF_VALIDITY = Duration.ofDays(365);
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    private final Path directory;
    private final InstantSource clock;

    public PkiDirectory(Path directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
    }

    public Path path() {
        return directory;
    }

    /** Signs everything in the cluster but the front proxy; {@code ca.crt} is what clients trust. */
    public CertificateAuthority clusterCa() {
        return authority("ca", "kubernetes");
    }

    /** Signs the identity that an aggregating API server shows to extension API servers. */
    public CertificateAuthority frontProxyCa() {
        return authority("front-proxy-ca", "front-proxy-ca");
    }

    /** The API server's own serving certificate, valid for all the names Kubernetes gives it and {@code extraHosts}. */
    public Credential apiServer(Collection<String> extraHosts) {
        var hosts = new ArrayList<>(List.of(
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
                "127.0.0.1",
                "0:0:0:0:0:0:0:1"));
        extraHosts.stream().filter(h -> !hosts.contains(h)).forEach(hosts::add);
        return credential("apiserver", clusterCa(), Subject.server("kube-apiserver", hosts));
    }

    /** What the API server shows to nodes. */
    public Credential nodeClient() {
        return credential(
                "apiserver-kubelet-client",
                clusterCa(),
                Subject.client("kube-apiserver-kubelet-client", "kubeadm:cluster-admins"));
    }

    public Credential frontProxyClient() {
        return credential("front-proxy-client", frontProxyCa(), Subject.client("front-proxy-client"));
    }

    /** The administrator that the user's kubeconfig names; an RSA key, since not every Kubernetes client reads EC keys. */
    public Credential admin() {
        return credential(
                ADMIN, clusterCa(), Subject.client("kubernetes-admin", "kubeadm:cluster-admins", "system:masters"));
    }

    /** The identity {@code system:node:NAME} of a node. */
    public Credential node(String nodeName) {
        return credential("node-" + nodeName, clusterCa(), Subject.client("system:node:" + nodeName, "system:nodes"));
    }

    /** What a node's HTTPS API shows. */
    public Credential nodeServing(String nodeName, Collection<String> hosts) {
        var all = new ArrayList<>(List.of(nodeName, "localhost", "127.0.0.1"));
        hosts.stream().filter(h -> !all.contains(h)).forEach(all::add);
        return credential("node-" + nodeName + "-serving", clusterCa(), Subject.server("system:node:" + nodeName, all));
    }

    /** Any other client, kept in files named {@code fileName}. */
    public Credential client(String fileName, String user, String... groups) {
        return credential(fileName, clusterCa(), Subject.client(user, groups));
    }

    /** Signs and verifies ServiceAccount tokens ({@code sa.key}, {@code sa.pub}). */
    public synchronized KeyPair serviceAccountKey() {
        try {
            var keyFile = directory.resolve("sa.key");
            var publicFile = directory.resolve("sa.pub");
            if (Files.exists(keyFile) && Files.exists(publicFile)) {
                return new KeyPair(
                        Pem.publicKey(Files.readString(publicFile)), Pem.privateKey(Files.readString(keyFile)));
            }
            var pair = CertificateAuthority.newKeyPair();
            write("sa.pub", Pem.encode(pair.getPublic()));
            write("sa.key", Pem.encode(pair.getPrivate()));
            return pair;
        } catch (IOException | GeneralSecurityException e) {
            throw broken("sa.key", e);
        }
    }

    private synchronized CertificateAuthority authority(String fileName, String commonName) {
        try {
            var certificateFile = directory.resolve(fileName + ".crt");
            var keyFile = directory.resolve(fileName + ".key");
            if (Files.exists(certificateFile) && Files.exists(keyFile)) {
                var certificate =
                        Pem.certificates(Files.readString(certificateFile)).getFirst();
                if (!expiresSoon(certificate.getNotAfter().toInstant(), CA_VALIDITY)) {
                    return new CertificateAuthority(certificate, Pem.privateKey(Files.readString(keyFile)));
                }
                LOG.warn("The certificate authority {} expires soon and is made anew", certificateFile);
            }
            var made = CertificateAuthority.create(commonName, clock.instant(), CA_VALIDITY);
            write(fileName + ".key", Pem.encode(made.key()));
            write(fileName + ".crt", Pem.encode(made.certificate()));
            return made;
        } catch (IOException | GeneralSecurityException e) {
            throw broken(fileName, e);
        }
    }

    private synchronized Credential credential(String fileName, CertificateAuthority issuer, Subject subject) {
        try {
            var present = load(fileName, issuer, subject);
            if (present.isPresent()) {
                return present.get();
            }
            var key = fileName.equals(ADMIN) ? CertificateAuthority.newRsaKeyPair() : CertificateAuthority.newKeyPair();
            var made = issuer.issue(subject, key, clock.instant(), LEAF_VALIDITY);
            write(fileName + ".key", made.keyPem());
            write(fileName + ".crt", made.certificatePem());
            return made;
        } catch (IOException | GeneralSecurityException e) {
            throw broken(fileName, e);
        }
    }

    private Optional<Credential> load(String fileName, CertificateAuthority issuer, Subject subject)
            throws IOException, GeneralSecurityException {
        var certificateFile = directory.resolve(fileName + ".crt");
        var keyFile = directory.resolve(fileName + ".key");
        if (!Files.exists(certificateFile) || !Files.exists(keyFile)) {
            return Optional.empty();
        }
        var certificate = Pem.certificates(Files.readString(certificateFile)).getFirst();
        if (expiresSoon(certificate.getNotAfter().toInstant(), LEAF_VALIDITY)
                || !namesOf(certificate).containsAll(subject.hosts())) {
            return Optional.empty();
        }
        try {
            certificate.verify(issuer.certificate().getPublicKey());
        } catch (GeneralSecurityException e) {
            LOG.info("{} is not signed by the present authority and is made anew", certificateFile);
            return Optional.empty();
        }
        return Optional.of(
                new Credential(certificate, Pem.privateKey(Files.readString(keyFile)), issuer.certificate()));
    }

    private static Set<String> namesOf(java.security.cert.X509Certificate certificate) throws GeneralSecurityException {
        var names = new HashSet<String>();
        var alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            alternatives.forEach(a -> names.add(String.valueOf(a.get(1))));
        }
        return names;
    }

    private boolean expiresSoon(Instant end, Duration validity) {
        var third = validity.dividedBy(3);
        var margin = third.compareTo(RENEW_BEFORE) < 0 ? third : RENEW_BEFORE;
        return clock.instant().plus(margin).isAfter(end);
    }

    /** Readable by its owner only from the first byte on; renamed into place. */
    private void write(String name, String text) throws IOException {
        createDirectory();
        var target = directory.resolve(name);
        var temporary = directory.resolve("." + name + ".new");
        Files.deleteIfExists(temporary);
        if (isPosix()) {
            Files.createFile(
                    temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(temporary, text);
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private void createDirectory() throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        if (isPosix()) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(directory);
        }
    }

    private boolean isPosix() {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private RuntimeException broken(String fileName, Exception cause) {
        var hint = "The certificates in " + directory + " cannot be used (" + fileName + "): " + cause.getMessage()
                + ". Remove the directory to have them made anew";
        return cause instanceof IOException io
                ? new UncheckedIOException(hint, io)
                : new IllegalStateException(hint, cause);
    }
}
