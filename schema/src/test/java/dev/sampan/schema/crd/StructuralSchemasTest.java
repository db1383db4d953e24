package dev.sampan.schema.crd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

class StructuralSchemasTest {

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        try (var in = getClass().getResourceAsStream("structural.yaml")) {
            return Yaml.read(in.readAllBytes())
                    .tree()
                    .valueStream()
                    .map(c -> DynamicTest.dynamicTest(
                            c.get("schema").toString(),
                            () -> assertThat(StructuralSchemas.validate(c.get("schema"), "S"))
                                    .extracting(FieldError::toString)
                                    .containsExactlyElementsOf(c.get("errors")
                                            .valueStream()
                                            .map(JsonNode::stringValue)
                                            .toList())));
        }
    }
}
