package dev.sampan.schema.generator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;

/**
 * Build-time generator of the catalogue of built-in kinds. Arguments: the client's model jar, the protobuf sources jar,
 * the file to write.
 *
 * <p>The file's first line is the list of served collections; its second the definitions' names and lengths in
 * bytes, every other an OpenAPI schema, in the order of the names.
 */
final class Generate {

    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private Generate() {}

    public static void main(String[] args) throws IOException {
        var classes = ModelClasses.read(Path.of(args[0]));
        var definitions = new Definitions(ProtoSources.read(Path.of(args[1])), classes.models);
        var types = new Resources(classes.operations, definitions).write();
        // Bodies and answers that have no collection of their own.
        for (var name : List.of(
                "DeleteOptions", "CreateOptions", "UpdateOptions", "PatchOptions", "GetOptions", "ListOptions", "Status",
                "WatchEvent", "APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "PartialObjectMetadata",
                "PartialObjectMetadataList", "LabelSelector", "ObjectMeta", "Condition")) {
            definitions.wantDefinition(META + name);
        }
        for (var name : List.of(
                "PodExecOptions", "PodAttachOptions", "PodPortForwardOptions", "PodProxyOptions", "PodLogOptions",
                "ServiceProxyOptions", "NodeProxyOptions", "List")) {
            definitions.wantDefinition("io.k8s.api.core.v1." + name);
        }
        var out = new StringBuilder(JsonWriter.write(types)).append('\n');
        var index = new StringJoiner(" ");
        var lines = new StringBuilder();
        definitions.write().forEach((name, schema) -> {
            var line = JsonWriter.write(schema);
            index.add(name + "=" + line.getBytes(StandardCharsets.UTF_8).length);
            lines.append(line).append('\n');
        });
        out.append(index).append('\n').append(lines);
        if (!definitions.problems.isEmpty()) {
            definitions.problems.forEach(System.err::println);
            throw new IllegalStateException("the sources do not fit together");
        }
        var file = Path.of(args[2]);
        Files.createDirectories(file.getParent());
        Files.writeString(file, out);
    }
}
