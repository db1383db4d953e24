package dev.sampan.schema.patch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class PatchPropertiesTest {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private final Schema pod =
            BuiltinCatalog.load().schema(new GroupVersionKind("", "v1", "Pod")).orElseThrow();

    @Property(tries = 300)
    void mergePatchOfTheDifferenceGivesTheTarget(@ForAll("trees") ObjectNode from, @ForAll("trees") ObjectNode to) {
        assertThat(MergePatch.apply(from, difference(from, to))).isEqualTo(to);
    }

    /** The simplest patch that turns one tree without nulls into another. */
    private static ObjectNode difference(ObjectNode from, ObjectNode to) {
        var patch = NODES.objectNode();
        from.propertyNames().stream().filter(n -> !to.has(n)).forEach(n -> patch.set(n, NODES.nullNode()));
        for (var entry : to.properties()) {
            var old = from.get(entry.getKey());
            if (old instanceof ObjectNode oldMap && entry.getValue() instanceof ObjectNode map) {
                patch.set(entry.getKey(), difference(oldMap, map));
            } else if (!entry.getValue().equals(old)) {
                patch.set(entry.getKey(), entry.getValue());
            }
        }
        return patch;
    }

    @Property(tries = 300)
    void strategicPatchesAreIdempotent(@ForAll("pods") ObjectNode original, @ForAll("pods") ObjectNode patch) {
        var once = StrategicMergePatch.apply(original, patch, pod);
        assertThat(StrategicMergePatch.apply(once, patch, pod)).isEqualTo(once);
    }

    @Property(tries = 200)
    void anEmptyStrategicPatchChangesNothing(@ForAll("pods") ObjectNode original) {
        assertThat(StrategicMergePatch.apply(original, NODES.objectNode(), pod)).isEqualTo(original);
    }

    @Property(tries = 300)
    void strategicPatchesKeepEveryElement(@ForAll("pods") ObjectNode original, @ForAll("pods") ObjectNode patch) {
        var names = names(StrategicMergePatch.apply(original, patch, pod));
        assertThat(names).doesNotHaveDuplicates().containsAll(names(original)).containsAll(names(patch));
        assertThat(names.stream().filter(names(patch)::contains).toList()).isEqualTo(names(patch));
    }

    private static List<String> names(JsonNode pod) {
        return pod.at("/spec/containers")
                .valueStream()
                .map(c -> c.get("name").stringValue())
                .toList();
    }

    @Property(tries = 200)
    void jsonPatchCanRebuildAnyTree(@ForAll("trees") ObjectNode from, @ForAll("trees") ObjectNode to) {
        var patch = NODES.arrayNode();
        from.propertyNames().forEach(n -> patch.addObject().put("op", "remove").put("path", "/" + n));
        to.properties()
                .forEach(e -> patch.addObject()
                        .put("op", "add")
                        .put("path", "/" + e.getKey())
                        .set("value", e.getValue()));
        assertThat(JsonPatch.apply(from, patch)).isEqualTo(to);
    }

    @Provide
    Arbitrary<ObjectNode> trees() {
        Arbitrary<JsonNode> leaves = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 3).map(NODES::numberNode),
                Arbitraries.of("a", "b").map(NODES::stringNode),
                Arbitraries.integers().between(0, 3).list().ofMaxSize(2).map(list -> {
                    var array = NODES.arrayNode();
                    list.forEach(array::add);
                    return array;
                }));
        return object(Arbitraries.oneOf(leaves, object(Arbitraries.oneOf(leaves, object(leaves)))));
    }

    private static Arbitrary<ObjectNode> object(Arbitrary<? extends JsonNode> values) {
        return Arbitraries.maps(Arbitraries.of("a", "b", "c"), values)
                .ofMaxSize(3)
                .map(fields -> (ObjectNode) NODES.objectNode().setAll(new LinkedHashMap<>(fields)));
    }

    @Provide
    Arbitrary<ObjectNode> pods() {
        var containers =
                Arbitraries.of("a", "b", "c", "d").list().uniqueElements().ofMaxSize(4);
        var images = Arbitraries.of("x", "y");
        var finalizers =
                Arbitraries.of("f/1", "f/2", "f/3").list().uniqueElements().ofMaxSize(3);
        return Combinators.combine(containers, images, finalizers, Arbitraries.of(true, false))
                .as((names, image, keys, env) -> {
                    var object = NODES.objectNode();
                    var list = object.putObject("spec").putArray("containers");
                    names.forEach(n -> {
                        var container = list.addObject().put("name", n).put("image", image);
                        if (env) {
                            container
                                    .putArray("env")
                                    .addObject()
                                    .put("name", image)
                                    .put("value", n);
                        }
                    });
                    var metadata = object.putObject("metadata").putArray("finalizers");
                    keys.forEach(metadata::add);
                    return object;
                });
    }
}
