package dev.sampan.schema.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Walks the stories in cases.yaml. */
class FieldManagerTest {

    private static final Instant NOW = Instant.parse("2024-01-01T00:00:00Z");

    @TestFactory
    Stream<DynamicTest> stories() throws IOException {
        try (var in = getClass().getResourceAsStream("cases.yaml")) {
            return Yaml.read(in.readAllBytes())
                    .tree()
                    .valueStream()
                    .map(c -> DynamicTest.dynamicTest(c.get("name").stringValue(), () -> tell(c)));
        }
    }

    private static GroupVersionKind kind(String text) {
        var slash = text.lastIndexOf('/');
        return GroupVersionKind.parse(text.substring(0, slash), text.substring(slash + 1));
    }

    private static void tell(JsonNode story) {
        var gvk = kind(story.get("kind").stringValue());
        var schema = BuiltinCatalog.load().schema(gvk).orElseThrow();
        var reset = FieldSet.ofFields(
                story.path("reset").valueStream().map(JsonNode::stringValue).toArray(String[]::new));
        var fields = new FieldManager(schema, "", reset);
        var live = complete(story.path("live").isObject() ? story.get("live") : yaml("{}"), gvk);
        for (var step : story.get("steps")) {
            live = step(fields, live, step, gvk);
        }
    }

    private static ObjectNode complete(JsonNode part, GroupVersionKind gvk) {
        var object = yaml("{}");
        object.put("apiVersion", gvk.apiVersion()).put("kind", gvk.kind());
        object.putObject("metadata").put("name", "x");
        part.properties().forEach(e -> {
            if (e.getKey().equals("metadata")) {
                object.withObject("metadata").setAll((ObjectNode) e.getValue().deepCopy());
            } else {
                object.set(e.getKey(), e.getValue().deepCopy());
            }
        });
        return object;
    }

    private static ObjectNode step(FieldManager fields, ObjectNode live, JsonNode step, GroupVersionKind gvk) {
        var manager = step.get("as").stringValue();
        var now = step.path("later").asBoolean(false) ? NOW.plusSeconds(60) : NOW;
        if (step.has("update")) {
            return expect(step, live, fields.update(live, complete(step.get("update"), gvk), manager, now));
        }
        var applied = complete(step.get("apply"), gvk);
        var force = step.path("force").asBoolean(false);
        if (step.has("conflict")) {
            assertThatThrownBy(() -> fields.apply(live, applied, manager, force, now))
                    .isInstanceOf(ApplyConflictException.class)
                    .hasMessage(step.get("conflict").stringValue());
            return live;
        }
        if (step.has("error")) {
            assertThatThrownBy(() -> fields.apply(live, applied, manager, force, now))
                    .isInstanceOf(ApplyException.class)
                    .hasMessage(step.get("error").stringValue());
            return live;
        }
        return expect(step, live, fields.apply(live, applied, manager, force, now));
    }

    private static ObjectNode expect(JsonNode step, ObjectNode live, ObjectNode result) {
        if (step.path("unchanged").asBoolean(false)) {
            assertThat(result).isEqualTo(live);
        }
        if (step.has("object")) {
            var bare = result.deepCopy();
            bare.withObject("metadata").remove("managedFields");
            var gvk = kind(bare.get("apiVersion").stringValue() + "/"
                    + bare.get("kind").stringValue());
            assertThat(bare).isEqualTo(complete(step.get("object"), gvk));
        }
        if (step.has("owners")) {
            var owners = new TreeMap<String, Object>();
            for (var entry : result.path("metadata").path("managedFields")) {
                owners.put(
                        entry.get("manager").stringValue() + " "
                                + entry.get("operation").stringValue(),
                        FieldSet.decode(entry.get("fieldsV1")).paths());
            }
            var expected = new TreeMap<String, Object>();
            step.get("owners")
                    .properties()
                    .forEach(e -> expected.put(
                            e.getKey(),
                            e.getValue()
                                    .valueStream()
                                    .map(JsonNode::stringValue)
                                    .toList()));
            assertThat(owners).isEqualTo(expected);
        }
        return result;
    }

    @Test
    void writesFieldsAsKubernetesDoes() {
        var schema = BuiltinCatalog.load()
                .schema(new GroupVersionKind("", "v1", "Pod"))
                .orElseThrow();
        var fields = new FieldManager(schema, "", new FieldSet());
        var created = fields.update(
                yaml("{apiVersion: v1, kind: Pod, metadata: {name: x}}"),
                yaml(
                        "{apiVersion: v1, kind: Pod, metadata: {name: x, finalizers: [a/b]}, spec: {containers: [{name: a, ports: [{containerPort: 80, protocol: TCP}]}]}}"),
                "curl",
                NOW);

        assertThat(created.path("metadata").path("managedFields"))
                .hasToString(
                        "[{\"manager\":\"curl\",\"operation\":\"Update\",\"apiVersion\":\"v1\",\"time\":\"2024-01-01T00:00:00Z\","
                                + "\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:metadata\":{\"f:finalizers\":{\".\":{},\"v:\\\"a/b\\\"\":{}}},"
                                + "\"f:spec\":{\"f:containers\":{\".\":{},\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},\"f:name\":{},\"f:ports\":{\".\":{},"
                                + "\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:containerPort\":{},\"f:protocol\":{}}}}}}}}]");
    }

    @Test
    void moreThanTenUpdatersBecomeOne() {
        var schema = BuiltinCatalog.load()
                .schema(new GroupVersionKind("", "v1", "ConfigMap"))
                .orElseThrow();
        var fields = new FieldManager(schema, "", new FieldSet());
        var object = yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}");
        for (int i = 0; i < 15; i++) {
            var changed = object.deepCopy();
            changed.withObject("data").put("k" + i, "v");
            object = fields.update(object, changed, "m" + i, NOW.plusSeconds(i));
        }
        assertThat(object.path("metadata").path("managedFields").size()).isEqualTo(10);
        assertThat(object.path("metadata")
                        .path("managedFields")
                        .valueStream()
                        .map(e -> e.get("manager").stringValue()))
                .contains("ancient-changes", "m14")
                .doesNotContain("m0");
    }

    @Test
    void aListOfOneEmptyEntryForgetsAllManagers() {
        var schema = BuiltinCatalog.load()
                .schema(new GroupVersionKind("", "v1", "ConfigMap"))
                .orElseThrow();
        var fields = new FieldManager(schema, "", new FieldSet());
        var live = yaml(
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, uid: u, managedFields: [{manager: m, operation: Apply, fieldsV1: {}}]}}");
        var reset = live.deepCopy();
        reset.withObject("metadata").withArray("managedFields").removeAll().addObject();

        assertThat(fields.update(live, reset, "m2", NOW).path("metadata").has("managedFields"))
                .isFalse();
    }

    private static ObjectNode yaml(String text) {
        return (ObjectNode) Yaml.read(text.getBytes(StandardCharsets.UTF_8)).tree();
    }
}
