package dev.sampan.schema.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Walks the cases in strategic.yaml and json.yaml. */
class PatchCasesTest {

    @TestFactory
    Stream<DynamicTest> strategicMergePatch() throws IOException {
        return cases("strategic.yaml")
                .map(c -> DynamicTest.dynamicTest(c.get("name").stringValue(), () -> {
                    var schema = schema(c.get("kind").stringValue());
                    check(c, (original, patch) -> StrategicMergePatch.apply(original, patch, schema));
                }));
    }

    @TestFactory
    Stream<DynamicTest> jsonPatch() throws IOException {
        return cases("json.yaml")
                .map(c -> DynamicTest.dynamicTest(c.get("name").stringValue(), () -> check(c, JsonPatch::apply)));
    }

    private static Stream<JsonNode> cases(String file) throws IOException {
        try (var in = PatchCasesTest.class.getResourceAsStream(file)) {
            return Yaml.read(in.readAllBytes()).tree().valueStream();
        }
    }

    private static Schema schema(String kind) {
        var slash = kind.lastIndexOf('/');
        var gvk = GroupVersionKind.parse(kind.substring(0, slash), kind.substring(slash + 1));
        return BuiltinCatalog.load().schema(gvk).orElseThrow();
    }

    private static void check(JsonNode test, BinaryOperator<JsonNode> patch) {
        var original = test.get("original");
        var before = test.deepCopy();
        if (test.has("error")) {
            assertThatThrownBy(() -> patch.apply(original, test.get("patch")))
                    .isInstanceOf(PatchException.class)
                    .hasMessageContaining(test.get("error").stringValue());
        } else {
            assertThat(patch.apply(original, test.get("patch"))).isEqualTo(test.get("result"));
        }
        assertThat(test).as("arguments are left alone").isEqualTo(before);
    }
}
