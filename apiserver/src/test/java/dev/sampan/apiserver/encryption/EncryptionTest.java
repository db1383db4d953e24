package dev.sampan.apiserver.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.SecurityOptions;
import dev.sampan.apiserver.WholeServer;
import dev.sampan.store.MemoryStore;
import dev.sampan.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets in the store and over the API. */
class EncryptionTest {

    private static final String KEY = "/registry/core/secrets/default/s";
    private static final String SECRETS = "/api/v1/namespaces/default/secrets";

    @TempDir
    private Path temp;

    private final MemoryStore store = new MemoryStore();

    private static String key(String name, char filler) {
        var secret = Base64.getEncoder()
                .encodeToString(String.valueOf(filler).repeat(32).getBytes(StandardCharsets.US_ASCII));
        return "{name: " + name + ", secret: " + secret + "}";
    }

    private WholeServer server(String providers) throws IOException {
        var file = temp.resolve("encryption.yaml");
        Files.writeString(
                file,
                "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n"
                        + "resources: [{resources: [secrets], providers: [" + providers + "]}]");
        return new WholeServer(
                temp.resolve("pki"), c -> c.withSecurity(SecurityOptions.DEFAULT.withEncryption(file)), store);
    }

    private String stored() {
        return new String(value(KEY), StandardCharsets.ISO_8859_1);
    }

    private byte[] value(String key) {
        return java.util.Objects.requireNonNull(store.snapshot().get(key)).value();
    }

    @Test
    void secretsAreSealedInTheStoreAlone() throws Exception {
        try (var server = server("{aesgcm: {keys: [" + key("one", 'a') + "]}}, {identity: {}}")) {
            var watch = (ApiResponse.Stream) server.api()
                    .handle(ApiRequest.of(
                            WholeServer.ADMIN,
                            "GET",
                            SECRETS + "?watch=true&resourceVersion="
                                    + server.get(SECRETS).at("metadata.resourceVersion")));
            server.post(SECRETS, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: geheim}")
                    .ok();
            assertThat(stored()).startsWith("k8s:enc:aesgcm:v1:one:").doesNotContain("metadata");
            assertThat(server.get(SECRETS + "/s").at("data.k")).isEqualTo("Z2VoZWlt");
            assertThat(server.get(SECRETS).at("items.0.data.k")).isEqualTo("Z2VoZWlt");
            server.patch(SECRETS + "/s", "data: {l: eA==}").ok();
            assertThat(server.get(SECRETS + "/s").at("data.l")).isEqualTo("eA==");
            assertThat(first(watch)).contains("Z2VoZWlt");
            server.post("/api/v1/namespaces/default/configmaps", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}")
                    .ok();
            assertThat(value("/registry/core/configmaps/default/c")[0]).isEqualTo((byte) '{');
        }
    }

    private static String first(ApiResponse.Stream watch) throws Exception {
        var line = new CompletableFuture<String>();
        var reader = Thread.ofVirtual().start(() -> {
            try {
                watch.body().writeTo(new ApiResponse.StreamSink() {
                    @Override
                    public void write(byte[] bytes) {
                        line.complete(new String(bytes, StandardCharsets.UTF_8));
                    }

                    @Override
                    public void flush() {
                        // nothing is kept back
                    }
                });
            } catch (IOException e) {
                line.completeExceptionally(e);
            }
        });
        try {
            return line.get(10, java.util.concurrent.TimeUnit.SECONDS);
        } finally {
            watch.body().close();
            reader.join();
        }
    }

    @Test
    void aNewKeyInFrontRotates() throws Exception {
        try (var server = server("{identity: {}}")) {
            server.post(SECRETS, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: geheim}")
                    .ok();
        }
        assertThat(stored()).contains("Z2VoZWlt");
        try (var server = server("{aesgcm: {keys: [" + key("one", 'a') + "]}}, {identity: {}}")) {
            assertThat(stored()).startsWith("k8s:enc:aesgcm:v1:one:");
            assertThat(server.get(SECRETS + "/s").at("data.k")).isEqualTo("Z2VoZWlt");
        }
        try (var server = server("{aesgcm: {keys: [" + key("two", 'b') + ", " + key("one", 'a') + "]}}")) {
            assertThat(stored()).startsWith("k8s:enc:aesgcm:v1:two:");
            assertThat(server.get(SECRETS + "/s").at("data.k")).isEqualTo("Z2VoZWlt");
        }
        try (var server = server("{aesgcm: {keys: [" + key("two", 'b') + "]}}")) {
            assertThat(server.get(SECRETS + "/s").at("data.k")).isEqualTo("Z2VoZWlt");
        }
    }

    @Test
    void aServerWithoutTheKeySaysSo() throws Exception {
        try (var server = server("{aesgcm: {keys: [" + key("one", 'a') + "]}}, {identity: {}}")) {
            server.post(SECRETS, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}")
                    .ok();
        }
        assertThatThrownBy(() -> server("{aesgcm: {keys: [" + key("other", 'b') + "]}}"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(
                        "is encrypted, with a key that the file of --encryption-provider-config does not hold");
        assertThatThrownBy(() -> new WholeServer(temp.resolve("pki"), c -> c, store))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(KEY + " is encrypted, and there is no --encryption-provider-config");
    }

    @Test
    void aValueIsBoundToItsKey() {
        var provider = new Provider.AesGcm(
                "k", new javax.crypto.spec.SecretKeySpec(new byte[32], "AES"), new java.security.SecureRandom());
        var sealed = provider.seal("/a", "x".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> provider.open("/b", sealed))
                .isInstanceOf(java.security.GeneralSecurityException.class);
        assertThat(provider.seal("/a", "x".getBytes(StandardCharsets.UTF_8))).isNotEqualTo(sealed);
    }

    @Test
    void mistakesInTheFileAreNamed() {
        assertThatThrownBy(() -> server("{aesgcm: {keys: [{name: a, secret: eA==}]}}"))
                .hasMessageContaining("key \"a\" has 1 bytes, AES takes 16, 24 or 32");
        assertThatThrownBy(() -> server("{kms: {}}")).hasMessageContaining("known are aesgcm, identity");
    }
}
