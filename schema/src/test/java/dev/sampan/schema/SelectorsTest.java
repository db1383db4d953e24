package dev.sampan.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.schema.codec.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class SelectorsTest {

    private static final Map<String, String> LABELS = Map.of("app", "web", "tier", "1", "empty", "");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app=web | true",
                "app==web | true",
                "app!=web | false",
                "missing!=x | true",
                "app in (web, db) | true",
                "app notin (web) | false",
                "missing notin (a) | true",
                "app | true",
                "!app | false",
                "!missing | true",
                "app=web,tier=1 | true",
                "app=web,tier=2 | false",
                "tier>0 | true",
                "tier<1 | false",
                "empty= | true",
                "in=in | false",
                "app in (web),!missing , tier | true",
                "empty in (,a) | true"
            })
    void labelSelectorMatches(String selector, boolean matches) {
        assertThat(LabelSelector.parse(selector).matches(LABELS)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "b=1,a | a,b=1",
                "a in (y,x) | a in (x,y)",
                "a notin (x) | a notin (x)",
                "!a | !a",
                "a>1 | a>1",
                "a==b | a==b"
            })
    void labelSelectorPrints(String selector, String printed) {
        assertThat(LabelSelector.parse(selector)).hasToString(printed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=b,",
                "a,,b",
                "a in",
                "a in (",
                "a in b",
                "(a)",
                "a=b=c",
                "a!b",
                "a=@",
                "-a",
                "tier>x",
                "a in ()x"
            })
    void labelSelectorRefuses(String selector) {
        assertThatThrownBy(() -> LabelSelector.parse(selector)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void emptySelectsAllAndAbsentSelectsNone() {
        assertThat(LabelSelector.parse("").matches(LABELS)).isTrue();
        assertThat(LabelSelector.of(yaml("{}")).matches(LABELS)).isTrue();
        assertThat(LabelSelector.of((JsonNode) null).matches(LABELS)).isFalse();
    }

    @Test
    void objectForm() {
        var selector = LabelSelector.of(
                yaml(
                        "{matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: ['1', '2']}, {key: x, operator: DoesNotExist}]}"));
        assertThat(selector.matches(LABELS)).isTrue();
        assertThat(selector).hasToString("app=web,tier in (1,2),!x");
        assertThatThrownBy(() -> LabelSelector.of(yaml("{matchExpressions: [{key: a, operator: Is}]}")))
                .hasMessage("\"Is\" is not a valid label selector operator");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a=1 | true",
                "a==1 | true",
                "a!=1 | false",
                "b=x\\,y\\=z | true",
                "c= | true",
                "c!= | false",
                "a=1,b!=q | true"
            })
    void fieldSelectorMatches(String selector, boolean matches) {
        var parsed = FieldSelector.parse(selector);
        assertThat(parsed.matches(Map.of("a", "1", "b", "x,y=z"))).isEqualTo(matches);
        assertThat(FieldSelector.parse(parsed.toString())).isEqualTo(parsed);
    }

    @Test
    void fieldSelectorRefuses() {
        assertThatThrownBy(() -> FieldSelector.parse("a")).hasMessage("invalid selector: 'a'; can't understand 'a'");
    }

    private static JsonNode yaml(String text) {
        return Yaml.read(text.getBytes(StandardCharsets.UTF_8)).tree();
    }
}
