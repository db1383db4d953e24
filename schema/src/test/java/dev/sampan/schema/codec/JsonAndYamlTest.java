package dev.sampan.schema.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

class JsonAndYamlTest {

    /** As sigs.k8s.io/yaml converts them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "on | true",
                "Yes | true",
                "off | false",
                "n | false",
                "~ | null",
                "`` | null",
                "'on' | \"on\"",
                "0644 | 420",
                "0o644 | 420",
                "0x1F | 31",
                "0b101 | 5",
                "1_000 | 1000",
                "-7 | -7",
                "1.5 | 1.5",
                "1e3 | 1000",
                "1.0 | 1",
                "089 | 89",
                "1.2.3 | \"1.2.3\"",
                "2001-01-01 | \"2001-01-01\"",
                "12:30 | \"12:30\"",
                "!!str 1 | \"1\"",
                "9223372036854775807 | 9223372036854775807",
                "[a, {b: c}] | [\"a\",{\"b\":\"c\"}]",
                "{1: a, true: b} | {\"1\":\"a\",\"true\":\"b\"}",
                "{a: &x {b: 1}, c: *x} | {\"a\":{\"b\":1},\"c\":{\"b\":1}}",
                "{a: &x {b: 1}, c: {<<: *x, d: 2}} | {\"a\":{\"b\":1},\"c\":{\"b\":1,\"d\":2}}",
                "!!binary aGk= | \"hi\"",
                "--- a | \"a\""
            })
    void readsYamlAsKubernetesDoes(String yaml, String json) {
        assertThat(new String(Json.write(yaml(yaml == null ? "" : yaml).tree()), StandardCharsets.UTF_8))
                .isEqualTo(json);
    }

    @Test
    void readsBlockScalars() {
        assertThat(yaml("a: |\n  x\n  y\nb: >-\n  p\n  q\n").tree().toString())
                .isEqualTo("{\"a\":\"x\\ny\\n\",\"b\":\"p q\"}");
    }

    @Test
    void findsDuplicateKeys() {
        assertThat(yaml("a:\n- b: 1\n  b: 2\nc: 1\n").duplicates())
                .containsExactly("line 3: key \"b\" already set in map");
        var json = Json.read("{\"spec\":{\"x\":[{\"a\":1,\"a\":2}]},\"spec\":1}".getBytes(StandardCharsets.UTF_8));
        assertThat(json.duplicates()).containsExactly("duplicate field \"spec.x[0].a\"", "duplicate field \"spec\"");
        assertThat(json.tree()).hasToString("{\"spec\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1,", "{\"a\":}", "{} x", "nul", "{'a':1}", "\u0000"})
    void refusesMalformedJson(String text) {
        assertThatThrownBy(() -> Json.read(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(DecodeException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: [", "a: b: c", "*x", "{[a]: 1}", "\t- a", "a: .nan"})
    void refusesMalformedYaml(String text) {
        assertThatThrownBy(() -> yaml(text))
                .isInstanceOf(DecodeException.class)
                .hasMessageStartingWith("error converting YAML to JSON: ");
    }

    @Test
    void refusesNestingThatWouldOverflowTheStack() {
        var json = "[".repeat(5000) + "]".repeat(5000);
        assertThatThrownBy(() -> Json.read(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> yaml(json)).isInstanceOf(DecodeException.class);
    }

    @Test
    void refusesAliasBombs() {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n"
                    .replace("%d", "%1$d")
                    .formatted(i)
                    .replaceAll("\\*a" + i, "*a" + (i - 1)));
        }
        assertThatThrownBy(() -> yaml(bomb.toString())).hasMessageContaining("excessive aliasing");
    }

    @Test
    void writesYamlAsKubernetesPrintsIt() {
        var tree =
                yaml("{b: {'y': [1, {z: 'on', a: ''}], x: {}}, a: \"l1\\nl2\\n\", c: [], d: '1.5', e: 'a: b', f: null}")
                        .tree();
        assertThat(new String(Yaml.write(tree), StandardCharsets.UTF_8)).isEqualTo("""
                        a: |
                          l1
                          l2
                        b:
                          x: {}
                          "y":
                          - 1
                          - a: ""
                            z: "on"
                        c: []
                        d: "1.5"
                        e: "a: b"
                        f: null
                        """);
    }

    @Property(tries = 200)
    void yamlRoundTrip(@ForAll("trees") JsonNode tree) {
        assertThat(Yaml.read(Yaml.write(tree)).tree()).isEqualTo(tree);
    }

    @Property(tries = 200)
    void jsonRoundTrip(@ForAll("trees") JsonNode tree) {
        assertThat(Json.read(Json.write(tree)).tree()).isEqualTo(tree);
    }

    @Provide
    Arbitrary<JsonNode> trees() {
        var nodes = JsonNodeFactory.instance;
        var awkward = Arbitraries.of(
                "",
                " ",
                "on",
                "~",
                "- a",
                "#x",
                "a #b",
                "a:",
                "a: b",
                "|",
                "x\ny",
                "\n",
                "x\n\n",
                " lead\nx",
                "0644",
                "1e3",
                "é",
                "\t",
                "'",
                "\"",
                "\\",
                "!t",
                "&a",
                "*a",
                "%",
                "@",
                "`",
                "{",
                "[",
                "]",
                ",",
                "?",
                "-",
                "---",
                "=",
                "<<",
                "2001-01-01",
                "x\r\ny",
                "\u0085",
                "\ufeff",
                "😀\n");
        Arbitrary<JsonNode> scalars = Arbitraries.oneOf(
                Arbitraries.oneOf(
                                awkward,
                                Arbitraries.strings()
                                        .withCharRange('\0', '\ud7ff')
                                        .ofMaxLength(8))
                        .map(nodes::stringNode),
                Arbitraries.integers().map(nodes::numberNode),
                Arbitraries.of(true, false).map(nodes::booleanNode),
                Arbitraries.just(nodes.nullNode()));
        return Arbitraries.lazyOf(
                () -> scalars,
                () -> scalars,
                () -> trees().list().ofMaxSize(3).map(items -> nodes.arrayNode().addAll(items)),
                () -> Arbitraries.maps(
                                Arbitraries.oneOf(
                                        awkward, Arbitraries.strings().alpha().ofMaxLength(3)),
                                trees())
                        .ofMaxSize(3)
                        .map(fields -> nodes.objectNode().setAll(fields)));
    }

    private static Decoded yaml(String text) {
        return Yaml.read(text.getBytes(StandardCharsets.UTF_8));
    }
}
