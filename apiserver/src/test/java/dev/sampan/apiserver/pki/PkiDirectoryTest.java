package dev.sampan.apiserver.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PkiDirectoryTest {

    private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

    @TempDir
    Path temp;

    @Test
    void reusesWhatItMade() {
        var first = pki(NOW).admin();
        assertThat(pki(NOW.plus(Duration.ofDays(100))).admin().certificate()).isEqualTo(first.certificate());
        assertThat(pki(NOW).serviceAccountKey().getPublic())
                .isEqualTo(pki(NOW).serviceAccountKey().getPublic());
    }

    @Test
    void renewsBeforeExpiryUnderTheSameAuthority() throws Exception {
        var first = pki(NOW).apiServer(List.of());
        var later = pki(NOW.plus(Duration.ofDays(340))).apiServer(List.of());
        assertThat(later.certificate()).isNotEqualTo(first.certificate());
        later.certificate().verify(first.issuer().getPublicKey());
    }

    @Test
    void renewsWhenAHostNameIsMissing() throws Exception {
        pki(NOW).apiServer(List.of());
        var names = pki(NOW).apiServer(List.of("api.example.com")).certificate().getSubjectAlternativeNames();
        assertThat(names.toString())
                .contains("api.example.com", "kubernetes.default.svc", "127.0.0.1", "0:0:0:0:0:0:0:1");
    }

    @Test
    void privateFilesAreTheOwnersAlone() throws Exception {
        pki(NOW).admin();
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(temp.resolve("pki").resolve("admin.key"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("pki"))))
                .isEqualTo("rwx------");
    }

    @Test
    void namesUserAndGroupsInTheCertificate() {
        var name = pki(NOW).admin().certificate().getSubjectX500Principal().getName();
        assertThat(name).contains("CN=kubernetes-admin", "O=system:masters");
    }

    @Test
    void saysWhichFileIsBroken() throws Exception {
        pki(NOW).clusterCa();
        Files.writeString(temp.resolve("pki/ca.crt"), "rubbish");
        assertThatThrownBy(() -> pki(NOW).clusterCa())
                .hasMessageContaining("ca")
                .hasMessageContaining("Remove");
    }

    @Test
    void writesAKubeconfig() {
        var yaml = new Kubeconfig("sampan", URI.create("https://127.0.0.1:6443"), "admin", pki(NOW).admin()).toYaml();
        assertThat(yaml).contains("server: https://127.0.0.1:6443", "current-context: sampan", "client-key-data: ");
    }

    private PkiDirectory pki(Instant now) {
        return new PkiDirectory(temp.resolve("pki"), InstantSource.fixed(now));
    }
}
