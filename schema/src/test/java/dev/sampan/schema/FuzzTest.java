package dev.sampan.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Json;
import dev.sampan.schema.codec.Protobuf;
import dev.sampan.schema.codec.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.node.ObjectNode;

/** Whatever clients send, readers answer with a value or with the error that the API knows how to report. */
class FuzzTest {

    private final BuiltinCatalog catalog = BuiltinCatalog.load();
    private final Protobuf protobuf = new Protobuf(catalog);
    private final Schema deployment =
            catalog.schema(new GroupVersionKind("apps", "v1", "Deployment")).orElseThrow();

    @Property(tries = 300)
    void protobuf(@ForAll("mutatedEnvelopes") byte[] bytes) {
        try {
            assertThat(protobuf.read(bytes)).isNotNull();
        } catch (DecodeException expected) {
            assertThat(expected).hasMessageMatching("(?s).+");
        }
    }

    @Provide
    Arbitrary<byte[]> mutatedEnvelopes() {
        var kind = new GroupVersionKind("apps", "v1", "Deployment");
        var valid = protobuf.write(SampleObjects.populated(catalog, kind));
        return Arbitraries.integers()
                .between(0, valid.length - 1)
                .tuple3()
                .flatMap(places -> Arbitraries.bytes().tuple2().map(values -> {
                    var bytes = valid.clone();
                    bytes[places.get1()] = values.get1();
                    bytes[places.get2()] = values.get2();
                    return places.get3() % 5 == 0 ? Arrays.copyOf(bytes, places.get3()) : bytes;
                }));
    }

    @Property(tries = 500)
    void textFormats(@ForAll("jsonLike") String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        for (var isJson : new boolean[] {true, false}) {
            try {
                var tree = (isJson ? Json.read(bytes) : Yaml.read(bytes)).tree();
                if (tree instanceof ObjectNode object) {
                    everything(object);
                }
            } catch (DecodeException expected) {
                assertThat(expected).hasMessageMatching("(?s).+");
            }
        }
    }

    private void everything(ObjectNode object) {
        assertThat(UnknownFields.find(object, deployment)).isNotNull();
        assertThat(TypeCheck.firstError(object, deployment)).isNotNull();
        assertThat(StructuralValidator.validate(object, deployment)).isNotNull();
        var defaulted = object.deepCopy();
        Defaulter.apply(defaulted, deployment);
        Pruner.prune(defaulted, deployment);
        assertThat(UnknownFields.find(defaulted, deployment)).isEmpty();
    }

    @Provide
    Arbitrary<String> jsonLike() {
        var tokens = Arbitraries.of(
                "{",
                "}",
                "[",
                "]",
                ":",
                ",",
                "\"spec\"",
                "\"template\"",
                "\"containers\"",
                "\"metadata\"",
                "\"replicas\"",
                "\"labels\"",
                "1",
                "-1.5e3",
                "null",
                "true",
                "\"a\"",
                "\n",
                "- ",
                "spec: ",
                "&a ",
                "*a",
                "!!str ",
                "|",
                ">",
                "'",
                " ",
                "#",
                "{\"spec\":{\"replicas\":",
                "{\"metadata\":{\"labels\":{\"a\":",
                "{\"spec\":{\"template\":{\"spec\":{\"containers\":[",
                "]}}}}",
                "}}}",
                "}}");
        return tokens.list().ofMaxSize(14).map(list -> String.join("", list));
    }

    @Property(tries = 1000)
    void selectorsAndQuantities(@ForAll("selectorLike") String text) {
        try {
            var selector = LabelSelector.parse(text);
            assertThat(LabelSelector.parse(selector.toString())).hasToString(selector.toString());
        } catch (IllegalArgumentException expected) {
            assertThat(expected).hasMessageMatching("(?s).+");
        }
        try {
            assertThat(FieldSelector.parse(text)).isNotNull();
        } catch (IllegalArgumentException expected) {
            assertThat(expected).hasMessageMatching("(?s).+");
        }
        try {
            assertThat(Quantity.parse(Quantity.parse(text).toString())).isEqualTo(Quantity.parse(text));
        } catch (IllegalArgumentException expected) {
            assertThat(expected).hasMessageMatching("(?s).+");
        }
    }

    @Provide
    Arbitrary<String> selectorLike() {
        return Arbitraries.of(
                        "a", "b/c", "=", "==", "!=", "!", ",", "(", ")", " in ", " notin ", ">", "<", "1", " ", "\\",
                        "x.y", "-", ".", "5", "Ki", "m", "e", "E", "+", "0", "n")
                .list()
                .ofMaxSize(9)
                .map(list -> String.join("", list));
    }
}
