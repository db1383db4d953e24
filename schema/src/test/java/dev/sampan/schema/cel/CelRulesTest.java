package dev.sampan.schema.cel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class CelRulesTest {

    @TestFactory
    Stream<DynamicTest> rules() throws IOException {
        try (var in = getClass().getResourceAsStream("rules.yaml")) {
            return Yaml.read(in.readAllBytes())
                    .tree()
                    .valueStream()
                    .map(c -> DynamicTest.dynamicTest(c.get("name").stringValue(), () -> check(c)));
        }
    }

    private static void check(JsonNode test) {
        var root = yaml("{type: object, properties: {}}");
        root.withObject("properties").set("spec", test.get("schema"));
        var rules = CelRules.compile(Schema.ofCrd(root), "schema");
        if (test.has("problem")) {
            assertThat(rules.problems())
                    .singleElement()
                    .asString()
                    .startsWith("schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: ")
                    .contains(test.get("problem").stringValue());
            return;
        }
        assertThat(rules.problems()).isEmpty();
        var old = test.has("old") ? object(test.get("old")) : null;
        assertThat(rules.validate(object(test.get("spec")), old))
                .extracting(FieldError::toString)
                .containsExactlyElementsOf(test.get("errors")
                        .valueStream()
                        .map(JsonNode::stringValue)
                        .toList());
    }

    private static ObjectNode object(JsonNode spec) {
        var object = yaml("{apiVersion: example.com/v1, kind: Thing, metadata: {name: x}}");
        object.set("spec", spec);
        return object;
    }

    @Test
    void rulesAtTheRootSeeTheName() {
        var schema = Schema.ofCrd(
                yaml(
                        "{type: object, x-kubernetes-validations: [{rule: \"self.metadata.name == 'x' && self.kind == 'Thing'\"}]}"));
        var rules = CelRules.compile(schema, "schema");
        assertThat(rules.problems()).isEmpty();
        assertThat(rules.validate(object(yaml("{}")), null)).isEmpty();
    }

    @Test
    void endlessWorkIsCutShort() {
        var schema = Schema.ofCrd(
                yaml(
                        "{type: object, properties: {l: {type: array, items: {type: integer}}}, x-kubernetes-validations: [{rule: 'self.l.all(a, self.l.all(b, self.l.all(c, self.l.all(d, a + b + c + d >= 0))))'}]}"));
        var object = object(yaml("{}"));
        for (int i = 0; i < 200; i++) {
            object.withArray("l").add(i);
        }
        assertThat(CelRules.compile(schema, "schema").validate(object, null))
                .singleElement()
                .asString()
                .contains("call cost exceeds limit for rule");
    }

    @Test
    void schemasWithoutRulesCostNothing() {
        assertThat(CelRules.compile(Schema.ofCrd(yaml("{type: object}")), "schema")
                        .isEmpty())
                .isTrue();
    }

    private static ObjectNode yaml(String text) {
        return (ObjectNode) Yaml.read(text.getBytes(StandardCharsets.UTF_8)).tree();
    }
}
