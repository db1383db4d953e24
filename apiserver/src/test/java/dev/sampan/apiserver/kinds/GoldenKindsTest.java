package dev.sampan.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Walks the YAML files beside this class. Each holds a list of cases of one kind:
 *
 * <ul>
 *   <li>{@code create}: an object as the client sends it; {@code base} of the file is merged below it
 *   <li>{@code update} with {@code from}: an update of a created object
 *   <li>{@code becomes}: what the result must contain (a null means: absent)
 *   <li>{@code errors}, {@code warnings}: exactly these; none when left out
 * </ul>
 */
class GoldenKindsTest {

    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");

    @TestFactory
    Stream<DynamicTest> cases() throws IOException, URISyntaxException {
        var folder = Path.of(getClass().getResource("pod.yaml").toURI()).getParent();
        var tests = new ArrayList<DynamicTest>();
        try (var files = Files.list(folder)) {
            for (var file :
                    files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
                var content = Yaml.read(Files.readAllBytes(file)).tree();
                for (var one : content.path("cases")) {
                    var name = file.getFileName() + ": " + one.path("name").stringValue("?");
                    tests.add(DynamicTest.dynamicTest(name, () -> check(content, one)));
                }
            }
        }
        return tests.stream();
    }

    private static void check(JsonNode file, JsonNode one) {
        var objects = new FakeObjects();
        var addresses = new ServiceAddresses("127.96.0.0/24", "30000-30009", new Random(7));
        var type = file.path("kind");
        var rules = new BuiltinKinds(addresses)
                .of(new GroupKind(
                        type.path("group").stringValue(""), type.path("kind").stringValue("")));
        var attributes = Attributes.ofResource("create", "", "v1", "things", "", "team", "");
        var context =
                new RequestContext(UserInfo.APISERVER, attributes, false, "test", objects, InstantSource.fixed(NOW));
        var errors = new ArrayList<FieldError>();
        ObjectNode object;
        if (one.has("update")) {
            var old = merged(file.path("base"), one.path("from"));
            rules.setDefaults(old);
            rules.prepareForCreate(old, context);
            object = merged(file.path("base"), one.path("update"));
            rules.setDefaults(object);
            Meta.strings(old.path("metadata"))
                    .forEach((k, v) -> object.withObject("/metadata").put(k, v));
            if (old.has("status")) {
                object.set("status", old.path("status"));
            }
            rules.prepareForUpdate(object, old, context);
            errors.addAll(rules.validate(object));
            errors.addAll(rules.validateUpdate(object, old));
        } else {
            object = merged(file.path("base"), one.path("create"));
            rules.setDefaults(object);
            try {
                rules.prepareForCreate(object, context);
                errors.addAll(rules.validate(object));
            } catch (dev.sampan.apiserver.ApiException e) {
                assertThat(e.getMessage()).isEqualTo(one.path("refused").stringValue("not to be refused"));
                return;
            }
        }
        assertThat(errors.stream().map(FieldError::toString).toList()).isEqualTo(strings(one.path("errors")));
        var warnings = new ArrayList<>(context.warnings());
        warnings.addAll(rules.warnings(object));
        assertThat(warnings).isEqualTo(strings(one.path("warnings")));
        contains("", object, one.path("becomes"));
    }

    /** {@code over} laid over a copy of {@code base}; a null takes a field away. */
    private static ObjectNode merged(JsonNode base, JsonNode over) {
        var result = base instanceof ObjectNode o
                ? o.deepCopy()
                : tools.jackson.databind.node.JsonNodeFactory.instance.objectNode();
        for (var entry : over.properties()) {
            if (entry.getValue().isNull()) {
                result.remove(entry.getKey());
            } else if (entry.getValue().isObject()
                    && result.path(entry.getKey()).isObject()) {
                result.set(entry.getKey(), merged(result.path(entry.getKey()), entry.getValue()));
            } else {
                result.set(entry.getKey(), entry.getValue().deepCopy());
            }
        }
        return result;
    }

    private static void contains(String path, JsonNode actual, JsonNode wanted) {
        for (var entry : wanted.properties()) {
            var at = path + "." + entry.getKey();
            var value = actual.path(entry.getKey());
            if (entry.getValue().isNull()) {
                assertThat(value.isMissingNode())
                        .as(at + " is absent, not " + value)
                        .isTrue();
            } else {
                match(at, value, entry.getValue());
            }
        }
    }

    private static void match(String at, JsonNode value, JsonNode wanted) {
        if (wanted.isObject() && !wanted.isEmpty()) {
            contains(at, value, wanted);
        } else if (wanted instanceof ArrayNode list) {
            assertThat(value.size()).as(at + " of " + value).isEqualTo(list.size());
            for (int i = 0; i < list.size(); i++) {
                match(at + "[" + i + "]", value.path(i), list.path(i));
            }
        } else {
            assertThat(value.toString()).as(at).isEqualTo(wanted.toString());
        }
    }

    private static List<String> strings(JsonNode list) {
        var result = new ArrayList<String>();
        list.forEach(n -> result.add(n.stringValue("")));
        return result;
    }
}
