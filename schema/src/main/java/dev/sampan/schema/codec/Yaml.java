package dev.sampan.schema.codec;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.JsonNode;

/** YAML as the API server reads and writes it (the rules of sigs.k8s.io/yaml). */
public final class Yaml {

    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setCodePointLimit(64 << 20)
            .setParseComments(false)
            .build();

    private Yaml() {}

    /**
     * Reads the first document; an empty one is null.
     *
     * @throws DecodeException when the bytes are not YAML or hold something that JSON cannot say
     */
    public static Decoded read(byte[] bytes) {
        var duplicates = new ArrayList<String>();
        try {
            var events = new Parse(SETTINGS)
                    .parseInputStream(new ByteArrayInputStream(bytes))
                    .iterator();
            return new Decoded(new YamlReader(events, duplicates).document(), List.copyOf(duplicates));
        } catch (MarkedYamlEngineException e) {
            var line = e.getProblemMark()
                    .map(m -> "line " + (m.getLine() + 1) + ": ")
                    .orElse("");
            throw new DecodeException("error converting YAML to JSON: yaml: " + line + e.getProblem(), e);
        } catch (YamlEngineException | NoSuchElementException e) {
            throw new DecodeException("error converting YAML to JSON: yaml: " + e.getMessage(), e);
        }
    }

    /** Block style, keys sorted, as Kubernetes prints objects. */
    public static byte[] write(JsonNode tree) {
        var out = new StringBuilder();
        new YamlWriter(out).document(tree);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }
}
