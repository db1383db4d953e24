package dev.sampan.node.image;

import dev.sampan.node.files.Trees;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Images in single files: reads OCI archives and those of {@code docker save} and {@code podman save}, writes OCI
 * archives. Stateless; any thread.
 */
public final class ImageArchive {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final String CONTAINERD_NAME = "io.containerd.image.name";

    private final ImageLayout layout;

    public ImageArchive(ImageLayout layout) {
        this.layout = layout;
    }

    /**
     * Takes in the images of an archive.
     *
     * @param name for an archive with one image; the archive's own names otherwise
     * @return the names under which they can be run now
     * @throws BuildException when it is no image archive or its image has no name
     */
    public List<ImageName> load(InputStream archive, Optional<ImageName> name) throws BuildException, IOException {
        Files.createDirectories(layout.directory());
        var folder = Files.createTempDirectory(layout.directory(), "loading-");
        try {
            Tar.unpackLayer(archive, folder);
            List<ImageName> loaded;
            if (Files.isRegularFile(folder.resolve("index.json"))) {
                loaded = loadOci(folder, name);
            } else if (Files.isRegularFile(folder.resolve("manifest.json"))) {
                loaded = loadDocker(folder, name);
            } else {
                throw new BuildException("the file is no image archive: it has neither index.json (OCI) nor"
                        + " manifest.json (docker save)");
            }
            return List.copyOf(new LinkedHashSet<>(loaded));
        } catch (JacksonException e) {
            throw new BuildException("the archive is damaged: " + e.getOriginalMessage());
        } finally {
            Trees.delete(folder);
        }
    }

    private List<ImageName> loadOci(Path folder, Optional<ImageName> name) throws BuildException, IOException {
        var loaded = new ArrayList<ImageName>();
        for (var descriptor :
                JSON.readTree(Files.readAllBytes(folder.resolve("index.json"))).path("manifests")) {
            var manifest = (ObjectNode) JSON.readTree(Files.readAllBytes(blob(folder, descriptor)));
            if (!manifest.path("layers").isArray()) {
                throw new BuildException("the archive holds an index of several platforms; save one platform's image"
                        + " (docker save --platform linux/amd64 …)");
            }
            addBlob(folder, manifest.path("config"));
            for (var layer : manifest.path("layers")) {
                addBlob(folder, layer);
            }
            var added = addBlob(folder, descriptor);
            loaded.add(tag(name, names(descriptor), added));
        }
        return loaded;
    }

    private static Path blob(Path folder, JsonNode descriptor) throws BuildException {
        var digest = descriptor.path("digest").asString("");
        var file = folder.resolve("blobs").resolve(digest.replace(':', '/')).normalize();
        if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
            throw new BuildException("the archive is damaged: it lacks the blob " + digest);
        }
        return file;
    }

    private ObjectNode addBlob(Path folder, JsonNode descriptor) throws BuildException, IOException {
        try (var in = Files.newInputStream(blob(folder, descriptor))) {
            var added = layout.blobs().add(descriptor.path("mediaType").asString(""), in);
            if (!added.path("digest").equals(descriptor.path("digest"))) {
                throw new BuildException("the archive is damaged: the content of the blob "
                        + descriptor.path("digest").asString("") + " does not match its digest");
            }
            return added;
        }
    }

    private static List<String> names(JsonNode descriptor) {
        var annotations = descriptor.path("annotations");
        return java.util.stream.Stream.of(CONTAINERD_NAME, REF_NAME)
                .map(key -> annotations.path(key).asString(""))
                .filter(n -> n.contains("/") || n.contains(":"))
                .toList();
    }

    private List<ImageName> loadDocker(Path folder, Optional<ImageName> name) throws BuildException, IOException {
        var loaded = new ArrayList<ImageName>();
        for (var entry : JSON.readTree(Files.readAllBytes(folder.resolve("manifest.json")))) {
            var manifest = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", Blobs.MANIFEST);
            manifest.set("config", addFile(folder, entry.path("Config"), Blobs.CONFIG));
            var layers = manifest.putArray("layers");
            for (var layer : entry.path("Layers")) {
                layers.add(addFile(folder, layer, Blobs.LAYER));
            }
            var names = entry.path("RepoTags")
                    .valueStream()
                    .map(t -> t.asString(""))
                    .toList();
            loaded.add(tag(name, names, layout.blobs().add(Blobs.MANIFEST, manifest)));
        }
        return loaded;
    }

    private ObjectNode addFile(Path folder, JsonNode name, String mediaType) throws BuildException, IOException {
        var file = folder.resolve(name.asString("")).normalize();
        if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
            throw new BuildException("the archive is damaged: it lacks " + name.asString(""));
        }
        boolean compressed;
        try (var in = Files.newInputStream(file)) {
            compressed = in.read() == Tar.GZIP_FIRST_BYTE;
        }
        try (var in = Files.newInputStream(file);
                var plain = compressed ? new GZIPInputStream(in) : new BufferedInputStream(in)) {
            return layout.blobs().add(mediaType, plain);
        }
    }

    private ImageName tag(Optional<ImageName> asked, List<String> own, ObjectNode descriptor)
            throws BuildException, IOException {
        var name = asked.or(() ->
                        own.stream().flatMap(n -> ImageName.parse(n).stream()).findFirst())
                .orElseThrow(
                        () -> new BuildException("the image in the archive has no name; give it one with -t NAME"));
        layout.tag(name, descriptor);
        return name;
    }

    /**
     * Writes an image as an OCI archive, which {@code docker load} and {@code skopeo} read.
     *
     * @throws BuildException when there is no such built image
     */
    public void save(ImageName name, OutputStream out) throws BuildException, IOException {
        var stored = layout.find(name)
                .orElseThrow(() -> new BuildException("there is no built image " + name.familiar()
                        + "; see 'sampan image ls'. Built-in images are programs of this installation and cannot be"
                        + " saved"));
        var tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        put(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        var manifestFile = layout.blobs().path(stored.manifestDigest());
        var index = JSON.createObjectNode().put("schemaVersion", 2);
        var descriptor = index.putArray("manifests").addObject();
        descriptor.put("mediaType", Blobs.MANIFEST);
        descriptor.put("digest", stored.manifestDigest()).put("size", Files.size(manifestFile));
        descriptor
                .putObject("annotations")
                .put(CONTAINERD_NAME, name.toString())
                .put(REF_NAME, name.tag());
        put(tar, "index.json", JSON.writeValueAsBytes(index));
        var manifest = layout.blobs().json(stored.manifestDigest());
        var digests = new LinkedHashSet<>(List.of(stored.manifestDigest(), digest(manifest.path("config"))));
        manifest.path("layers").forEach(layer -> digests.add(digest(layer)));
        for (var digest : digests) {
            put(tar, digest);
        }
        tar.finish();
        tar.flush();
    }

    private static String digest(JsonNode descriptor) {
        return descriptor.path("digest").asString("");
    }

    private void put(TarArchiveOutputStream tar, String digest) throws IOException {
        var file = layout.blobs().path(digest);
        tar.putArchiveEntry(entry("blobs/" + digest.replace(':', '/'), Files.size(file)));
        Files.copy(file, tar);
        tar.closeArchiveEntry();
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        tar.putArchiveEntry(entry(name, content.length));
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String name, long size) {
        var entry = new TarArchiveEntry(name);
        entry.setSize(size);
        entry.setModTime(0);
        entry.setIds(0, 0);
        entry.setNames("", "");
        return entry;
    }
}
