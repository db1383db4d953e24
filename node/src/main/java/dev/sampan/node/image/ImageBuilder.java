package dev.sampan.node.image;

import java.io.IOException;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/**
 * Builds OCI images without a container engine: it packages files and settings, and runs nothing. The same input gives
 * the same digests on any machine. Stateless; any thread.
 */
public final class ImageBuilder {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ImageLayout layout;
    private final ImageStore store;

    /**
     * @param layout where images are put
     * @param store where base images are found
     */
    public ImageBuilder(ImageLayout layout, ImageStore store) {
        this.layout = layout;
        this.store = store;
    }

    /**
     * A finished image.
     *
     * @param id digest of its configuration
     * @param digest of its manifest
     * @param sizeBytes of its layers
     * @param warnings what the build file says without effect
     */
    public record Built(ImageName name, String id, String digest, long sizeBytes, List<String> warnings) {}

    /**
     * Builds and names an image; one of the same name is replaced.
     *
     * @throws BuildException with the line at fault
     */
    public Built build(BuildRequest request) throws BuildException, IOException {
        if (!request.name().digest().isEmpty()) {
            throw new BuildException("an image is named by a tag, not by a digest: "
                    + request.name().familiar());
        }
        var instructions = BuildFile.parse(request.file(), request.text());
        var stage = new BuildStage(request, layout, store);
        for (var instruction : instructions) {
            try {
                stage.execute(instruction);
            } catch (BuildException e) {
                var message = String.valueOf(e.getMessage());
                var placed = message.startsWith(request.file() + ":");
                throw placed ? e : BuildException.at(request.file(), instruction.line(), message);
            }
        }
        stage.finish();
        return write(request, stage);
    }

    private Built write(BuildRequest request, BuildStage stage) throws IOException {
        var config = layout.blobs().add(Blobs.CONFIG, stage.config().toJson());
        var manifest = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", Blobs.MANIFEST);
        manifest.set("config", config);
        ArrayNode layers = manifest.putArray("layers");
        stage.layers().forEach(layers::add);
        var descriptor = layout.blobs().add(Blobs.MANIFEST, manifest);
        layout.tag(request.name(), descriptor);
        long size = stage.layers().stream()
                .mapToLong(layer -> layer.path("size").asLong(0))
                .sum();
        return new Built(
                request.name(),
                config.path("digest").asString(""),
                descriptor.path("digest").asString(""),
                size,
                stage.warnings());
    }
}
