package dev.sampan.node.image;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A directory in OCI image layout (one for all images; an image is a manifest in {@code index.json} annotated with its
 * full name), next to it the unpacked layers in {@code layers/}. Tools such as skopeo read and write the same files.
 */
public final class ImageLayout {

    /** Label of an image that runs a built-in image's program: that image's name. */
    public static final String BASE_LABEL = "dev.sampan.base";

    private static final Logger LOG = LoggerFactory.getLogger(ImageLayout.class);
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path directory;

    public ImageLayout(Path directory) {
        this.directory = directory;
    }

    /** An image of the layout and the built-in image it stands on, if any. */
    record Stored(Image image, Optional<String> base) {}

    Optional<Stored> find(ImageName name) {
        for (var manifest : manifests()) {
            var digest = manifest.path("digest").asString("");
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
                    .ifPresent(name -> names.computeIfAbsent(
                                    manifest.path("digest").asString(""), d -> new ArrayList<>())
                            .add(name.familiar()));
        }
        return names.entrySet().stream()
                .map(e -> read(e.getKey(), e.getValue()))
                .toList();
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
            var manifest = JSON.readTree(Files.readAllBytes(blob(manifestDigest)));
            var configFile = JSON.readTree(Files.readAllBytes(
                    blob(manifest.path("config").path("digest").asString(""))));
            var config = configFile.path("config");
            var roots = new ArrayList<Path>();
            long size = 0;
            for (var layer : manifest.path("layers")) {
                roots.addFirst(unpacked(layer.path("digest").asString("")));
                size += layer.path("size").asLong(0);
            }
            var image = new Image(
                    manifest.path("config").path("digest").asString(""),
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
            return new Stored(image, base.isEmpty() ? Optional.empty() : Optional.of(base));
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

    private Path blob(String digest) {
        return directory.resolve("blobs").resolve(digest.replace(':', '/'));
    }

    private Path unpacked(String digest) throws IOException {
        var target = directory.resolve("layers").resolve(digest.substring(digest.indexOf(':') + 1));
        if (!Files.isDirectory(target)) {
            Files.createDirectories(target.getParent());
            var temporary = Files.createTempDirectory(target.getParent(), "unpacking-");
            try (var in = Files.newInputStream(blob(digest))) {
                Tar.unpackLayer(in, temporary);
            }
            moveInto(temporary, target);
        }
        return target;
    }

    private static void moveInto(Path temporary, Path target) throws IOException {
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, target);
        } catch (IOException e) {
            if (!Files.isDirectory(target)) { // else somebody else was first
                throw e;
            }
        }
    }

    /** Takes in an OCI archive (a tar of a layout with one image) under a name; the same name is replaced. */
    void add(InputStream archive, ImageName name) throws IOException {
        Files.createDirectories(directory);
        var index = Tar.unpackArchive(new BufferedInputStream(archive), directory);
        var added = (ObjectNode) JSON.readTree(index).path("manifests").path(0);
        added.withObject("annotations").put(REF_NAME, name.toString());
        var merged = JSON.createObjectNode().put("schemaVersion", 2);
        merged.put("mediaType", "application/vnd.oci.image.index.v1+json");
        ArrayNode manifests = merged.putArray("manifests");
        manifests().stream().filter(m -> !refName(m).equals(name.toString())).forEach(manifests::add);
        manifests.add(added);
        Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        var temporary = directory.resolve("index.json.new");
        Files.write(temporary, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(merged));
        Files.move(temporary, directory.resolve("index.json"), StandardCopyOption.REPLACE_EXISTING);
    }
}
