package dev.sampan.node.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The content-addressed files of an OCI layout: {@code blobs/sha256/<hash>}. Several processes may add and read. */
final class Blobs {

    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long LARGEST_MANIFEST = 4 << 20;

    private final Path directory;

    Blobs(Path layout) {
        this.directory = layout.resolve("blobs");
    }

    /** Writes the content of a blob. */
    interface Content {
        void writeTo(java.io.OutputStream out) throws IOException;
    }

    static String hash(String digest) {
        return digest.substring(digest.indexOf(':') + 1);
    }

    Path path(String digest) {
        return directory.resolve(digest.replace(':', '/'));
    }

    /** Adds a blob; returns its OCI descriptor. */
    ObjectNode add(String mediaType, Content content) throws IOException {
        var folder = Files.createDirectories(directory.resolve("sha256"));
        var temporary = Files.createTempFile(directory, "writing-", "");
        try {
            var hash = Digests.sha256();
            try (var out = new DigestOutputStream(Files.newOutputStream(temporary), hash);
                    var buffered = new java.io.BufferedOutputStream(out, 1 << 16)) {
                content.writeTo(buffered);
            }
            var name = HexFormat.of().formatHex(hash.digest());
            long size = Files.size(temporary);
            Files.move(temporary, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            return JSON.createObjectNode()
                    .put("mediaType", mediaType)
                    .put("digest", "sha256:" + name)
                    .put("size", size);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    ObjectNode add(String mediaType, JsonNode json) throws IOException {
        return add(mediaType, out -> out.write(JSON.writeValueAsBytes(json)));
    }

    ObjectNode add(String mediaType, InputStream stream) throws IOException {
        return add(mediaType, stream::transferTo);
    }

    /** A blob that is JSON. */
    JsonNode json(String digest) throws IOException {
        if (!digest.matches("[a-z0-9]+:[0-9a-f]+")) {
            throw new IOException("not a digest: \"" + digest + "\"");
        }
        try {
            return JSON.readTree(Files.readAllBytes(path(digest)));
        } catch (JacksonException e) {
            throw new IOException("blob " + digest + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    boolean isManifest(String digest) throws IOException {
        var path = path(digest);
        if (Files.size(path) > LARGEST_MANIFEST) {
            return false;
        }
        try {
            var json = JSON.readTree(Files.readAllBytes(path));
            return json.path("layers").isArray() && json.path("config").has("digest");
        } catch (JacksonException e) {
            return false;
        }
    }

    List<String> all() throws IOException {
        var folder = directory.resolve("sha256");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.map(f -> "sha256:" + f.getFileName()).sorted().toList();
        }
    }

    /** Returns the blob's size. */
    long delete(String digest) throws IOException {
        long size = Files.size(path(digest));
        Files.delete(path(digest));
        return size;
    }
}
