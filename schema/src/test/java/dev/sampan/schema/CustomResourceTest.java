package dev.sampan.schema;

import static dev.sampan.schema.DecodingTest.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

class CustomResourceTest {

    private final Schema schema = Schema.ofCrd(yaml("""
            type: object
            properties:
              metadata: {type: object, properties: {name: {type: string, maxLength: 5}}}
              spec:
                type: object
                properties:
                  replicas: {type: integer, default: 1}
                  mode: {type: string, default: fast, nullable: true}
                  free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: object, properties: {a: {type: string}}}}}
                  pod: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object}}}
                  map: {type: object, additionalProperties: {type: object, properties: {x: {type: integer, default: 7}}}}
                  list: {type: array, items: {type: object, properties: {y: {type: integer}}}}
            """));

    @Test
    void prunesWhatTheSchemaDoesNotKnow() {
        var object = yaml("""
                apiVersion: example.com/v1
                kind: Thing
                metadata: {name: x, uid: u, other: 1}
                extra: 1
                spec:
                  free: {any: {b: 1}, known: {a: x, b: y}}
                  pod: {apiVersion: v1, kind: Pod, metadata: {name: p, what: 1}, spec: {containers: []}, status: {}}
                  map: {k: {x: 1, z: 2}}
                  list: [{y: 1, z: 2}]
                """);

        assertThat(UnknownFields.find(object, schema))
                .containsExactly(
                        "metadata.other",
                        "extra",
                        "spec.free.known.b",
                        "spec.pod.metadata.what",
                        "spec.pod.spec.containers",
                        "spec.pod.status",
                        "spec.map.k.z",
                        "spec.list[0].z");
        Pruner.prune(object, schema);
        assertThat(UnknownFields.find(object, schema)).isEmpty();
        assertThat(object.at("/spec/free/any/b").intValue()).isEqualTo(1);
    }

    @Test
    void defaultsNestedFieldsAndReplacesNulls() {
        var object = yaml("{spec: {replicas: null, mode: null, map: {k: {}}, list: null}}");
        Defaulter.apply(object, schema);
        assertThat(object).isEqualTo(yaml("{spec: {replicas: 1, mode: null, map: {k: {x: 7}}}}"));
    }

    @Test
    void narrowsMetadata() {
        assertThat(StructuralValidator.validate(yaml("{metadata: {name: abcdef}}"), schema))
                .extracting(FieldError::toString)
                .contains("metadata.name: Too long: may not be more than 5 bytes");
        assertThat(StructuralValidator.validate(yaml("{metadata: {name: abcde}}"), schema))
                .isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> validation() throws IOException {
        try (var in = getClass().getResourceAsStream("validation.yaml")) {
            return Yaml.read(in.readAllBytes())
                    .tree()
                    .valueStream()
                    .map(c -> DynamicTest.dynamicTest(c.path("schema") + " " + c.path("value"), () -> validate(c)));
        }
    }

    private static void validate(JsonNode test) {
        var root = yaml("{type: object, properties: {spec: {type: object, properties: {}}}}");
        root.withObject("/properties/spec/properties").set("f", test.get("schema"));
        var object = yaml("{spec: {}}");
        object.withObject("spec").set("f", test.get("value"));
        var expected =
                test.path("errors").valueStream().map(JsonNode::stringValue).toList();

        assertThat(StructuralValidator.validate(object, Schema.ofCrd(root)))
                .extracting(FieldError::toString)
                .containsExactlyElementsOf(expected);
    }
}
