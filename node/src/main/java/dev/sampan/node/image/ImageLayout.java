package dev.sampan.node.image;

import dev.sampan.node.files.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A directory in OCI image layout (one for all images; an image is a manifest in {@code index.json} annotated with its
 * full name), next to it the unpacked layers in {@code layers/}. Tools such as skopeo read and write the same files.
 *
 * <p>Several processes may use one layout: blobs are named by their content and moved into place whole, the index is
 * changed under a file lock.
 */
public final class ImageLayout {

    /** Label of an image that stands on a built-in image or a program of the host: that image's name. */
    public static final String BASE_LABEL = "dev.sampan.base";

    private static final Logger LOG = LoggerFactory.getLogger(ImageLayout.class);
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path directory;
    private final Blobs blobs;

    public ImageLayout(Path directory) {
        this.directory = directory;
        this.blobs = new Blobs(directory);
    }

    Blobs blobs() {
        return blobs;
    }

    /** Where trees that belong to the store lie, beside the layout's own files. */
    Path directory() {
        return directory;
    }

    /**
     * An image of the layout.
     *
     * @param manifestDigest names its manifest
     * @param base the built-in image it stands on, if any
     */
    record Stored(String manifestDigest, Image image, Optional<String> base) {}

    Optional<Stored> find(ImageName name) {
        for (var manifest : manifests()) {
            var digest = digest(manifest);
            boolean byDigest = !name.digest().isEmpty() && name.digest().equals(digest);
            if (byDigest || (name.digest().isEmpty() && refName(manifest).equals(name.toString()))) {
                return Optional.of(read(digest, List.of(name.familiar())));
            }
        }
        return Optional.empty();
    }

    List<Stored> all() {
        var names = new LinkedHashMap<String, List<String>>();
        for (var manifest : manifests()) {
            ImageName.parse(refName(manifest))
                    .ifPresent(name -> names.computeIfAbsent(digest(manifest), d -> new ArrayList<>())
                            .add(name.familiar()));
        }
        return names.entrySet().stream()
                .map(e -> read(e.getKey(), e.getValue()))
                .toList();
    }

    private static String digest(JsonNode descriptor) {
        return descriptor.path("digest").asString("");
    }

    private static String refName(JsonNode manifest) {
        return manifest.path("annotations").path(REF_NAME).asString("");
    }

    private List<JsonNode> manifests() {
        var index = directory.resolve("index.json");
        if (!Files.exists(index)) {
            return List.of();
        }
        try {
            return JSON.readTree(Files.readAllBytes(index))
                    .path("manifests")
                    .valueStream()
                    .toList();
        } catch (IOException | JacksonException e) {
            LOG.warn("the image store {} cannot be read: {}", index, e.getMessage());
            return List.of();
        }
    }

    private Stored read(String manifestDigest, List<String> names) {
        try {
            var manifest = blobs.json(manifestDigest);
            var config = blobs.json(digest(manifest.path("config"))).path("config");
            var roots = new ArrayList<Path>();
            long size = 0;
            for (var layer : manifest.path("layers")) {
                roots.addFirst(unpacked(digest(layer)));
                size += layer.path("size").asLong(0);
            }
            var image = new Image(
                    digest(manifest.path("config")),
                    names,
                    strings(config.path("Entrypoint")),
                    strings(config.path("Cmd")),
                    environment(config.path("Env")),
                    config.path("WorkingDir").asString(""),
                    config.path("User").asString(""),
                    List.copyOf(config.path("ExposedPorts").propertyNames()),
                    roots,
                    List.of(),
                    size);
            var base = config.path("Labels").path(BASE_LABEL).asString("");
            return new Stored(manifestDigest, image, base.isEmpty() ? Optional.empty() : Optional.of(base));
        } catch (IOException e) {
            throw new UncheckedIOException("image " + names + " is damaged, build it again: " + e.getMessage(), e);
        }
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(v -> v.asString("")).toList();
    }

    private static Map<String, String> environment(JsonNode array) {
        var env = new LinkedHashMap<String, String>();
        for (var entry : strings(array)) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                env.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return env;
    }

    private Path unpacked(String digest) throws IOException {
        var target = directory.resolve("layers").resolve(Blobs.hash(digest));
        if (!Files.isDirectory(target)) {
            Files.createDirectories(target.getParent());
            var temporary = Files.createTempDirectory(target.getParent(), "unpacking-");
            try (var in = Files.newInputStream(blobs.path(digest))) {
                Tar.unpackLayer(in, temporary);
            }
            Trees.moveInto(temporary, target);
        }
        return target;
    }

    /** Gives a manifest that is among the blobs a name; another image of that name loses it. */
    void tag(ImageName name, ObjectNode descriptor) throws IOException {
        var entry = descriptor.deepCopy();
        entry.withObject("annotations").put(REF_NAME, name.toString());
        changeIndex(manifests -> {
            manifests.removeIf(m -> refName(m).equals(name.toString()));
            manifests.add(entry);
            return manifests;
        });
    }

    /** Takes a name away; false when there was none such. The files stay until {@link #prune}. */
    public boolean untag(ImageName name) throws IOException {
        if (find(name).isEmpty()) {
            return false;
        }
        changeIndex(manifests -> {
            manifests.removeIf(m -> refName(m).equals(name.toString()));
            return manifests;
        });
        return true;
    }

    private void changeIndex(UnaryOperator<List<JsonNode>> change) throws IOException {
        Files.createDirectories(directory);
        try (var channel = FileChannel.open(
                        directory.resolve("index.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var ignored = channel.lock()) {
            Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
            var index = JSON.createObjectNode().put("schemaVersion", 2);
            index.put("mediaType", "application/vnd.oci.image.index.v1+json");
            var manifests = index.putArray("manifests");
            change.apply(new ArrayList<>(manifests())).forEach(manifests::add);
            var temporary = directory.resolve("index.json.new");
            Files.write(temporary, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(index));
            Files.move(temporary, directory.resolve("index.json"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * Deletes what no name leads to.
     *
     * @param inUse ids of images that containers still run from; their files stay
     * @return bytes of the blobs that were deleted
     */
    public long prune(Set<String> inUse) throws IOException {
        var needed = new HashSet<String>();
        for (var manifest : manifests()) {
            addWithParts(digest(manifest), needed);
        }
        for (var digest : blobs.all()) {
            var config = blobs.isManifest(digest) ? digest(blobs.json(digest).path("config")) : "";
            if (inUse.contains(config)) {
                addWithParts(digest, needed);
            }
        }
        long freed = 0;
        for (var digest : blobs.all()) {
            if (!needed.contains(digest)) {
                freed += blobs.delete(digest);
                Trees.delete(directory.resolve("layers").resolve(Blobs.hash(digest)));
            }
        }
        return freed;
    }

    private void addWithParts(String manifestDigest, Set<String> needed) throws IOException {
        var manifest = blobs.json(manifestDigest);
        needed.add(manifestDigest);
        needed.add(digest(manifest.path("config")));
        manifest.path("layers").forEach(layer -> needed.add(digest(layer)));
    }
}
