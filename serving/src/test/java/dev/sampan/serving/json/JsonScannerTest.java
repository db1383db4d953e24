package dev.sampan.serving.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScannerTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "1",
                "-1",
                "0.1",
                "1e3",
                "1E-3",
                "123456789012345678901234567890",
                "1.7976931348623157e308",
                "4.9e-324",
                "1e400",
                "0.30000000000000004",
                "9007199254740993",
                "9223372036854775807",
                "1e-400",
                "123456.7890123456789",
                "2.2250738585072011e-308"
            })
    void numbersAreTheNearestDoubles(String text) {
        assertThat(scanner(text).number()).isEqualTo(Double.parseDouble(text));
    }

    @Test
    void randomNumbersAreTheNearestDoubles() {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                var text = i % 2 == 0 ? Double.toString(value) : String.format(Locale.ROOT, "%.6g", value);
                assertThat(scanner(text).number()).as(text).isEqualTo(Double.parseDouble(text));
            }
            float single = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(single)) {
                assertThat((float) scanner(Float.toString(single)).number()).isEqualTo(single);
            }
        }
    }

    @Test
    void namesOfNoNumbers() {
        assertThat(scanner("NaN").number()).isNaN();
        assertThat(scanner("-Infinity").number()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(scanner(" Infinity ").number()).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[",
                "[1,",
                "[1 2]",
                "{\"a\"}",
                "{\"a\":}",
                "{a:1}",
                "{\"a\":1,}",
                "\"",
                "\"\\x\"",
                "\"\\u12\"",
                "-",
                "1.",
                "1e",
                "tru",
                "nul",
                "[}",
                "\"abc"
            })
    void whatIsNoJsonIsAnErrorWithAnOffset(String text) {
        assertThatThrownBy(() -> scanner(text).skip())
                .hasMessageContaining("JSON Parse error")
                .hasMessageContaining("offset");
    }

    @Test
    void strings() {
        assertThat(scanner("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00ü\"")
                        .string())
                .isEqualTo("a\"\\/\b\f\n\r\tä😀ü");
    }

    @Test
    void everyPrefixOfADocumentIsAnErrorAndNothingElse() {
        var document =
                "{\"signature_name\": \"s\\u00e4\", \"instances\": [[1.5e3, -2], [true, null, {\"b64\": \"x\"}]]}";
        for (int end = 0; end < document.length(); end++) {
            var prefix = document.substring(0, end);
            assertThatThrownBy(() -> scanner(prefix).skip())
                    .isInstanceOf(dev.sampan.serving.error.ServingException.class);
        }
        scanner(document).skip();
    }

    private static JsonScanner scanner(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return new JsonScanner(bytes, bytes.length);
    }
}
