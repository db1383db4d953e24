package dev.sampan.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {

    /** Cases of apimachinery's quantity_test.go. */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0n, 0",
        "0Mi, 0",
        "1, 1",
        "1000m, 1",
        "0.5, 500m",
        "1.5, 1500m",
        "100m, 100m",
        "1000, 1k",
        "1024, 1024",
        "1024Ki, 1Mi",
        "1Gi, 1Gi",
        "1.5Gi, 1536Mi",
        "0.5Mi, 512Ki",
        "1000Ki, 1000Ki",
        "1e3, 1e3",
        "12.5e1, 125",
        "1E, 1E",
        "1000k, 1M",
        "1.1n, 2n",
        "0.9n, 1n",
        "-1.5, -1500m",
        "+5, 5",
        "512Ki, 512Ki",
        "1023, 1023",
        "0.1Ki, 102400m",
        "8Ei, 9223372036854775807",
        "1000E, 1e21",
        "100000, 100k",
        "100001, 100001",
        "1u, 1u",
        "1000u, 1m",
        ".5, 500m",
        "5., 5",
        "007, 7"
    })
    void printsInCanonicalForm(String text, String canonical) {
        assertThat(Quantity.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "1x",
                "1 Gi",
                "1.1.M",
                "1+1.0M",
                "0.1mi",
                "0.1am",
                "aoeu",
                "1i",
                "1GiB",
                "-3.01i",
                "1e1.5",
                "1e9999999999"
            })
    void refusesWhatKubernetesRefuses(String text) {
        assertThatThrownBy(() -> Quantity.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("quantities must match.*|unable to parse.*");
    }

    @ParameterizedTest
    @CsvSource({"100m, 1, 100", "1, 1, 1000", "1.0001, 2, 1001", "1Ki, 1024, 1024000", "-1500m, -1, -1500"})
    void roundsUp(String text, long value, long milli) {
        assertThat(Quantity.parse(text).longValue()).isEqualTo(value);
        assertThat(Quantity.parse(text).milliValue()).isEqualTo(milli);
    }

    @Property
    void canonicalFormKeepsTheAmount(@ForAll long amount, @ForAll @IntRange(min = 0, max = 9) int scale) {
        var quantity = new Quantity(BigDecimal.valueOf(amount, scale), Quantity.Format.DECIMAL_SI);
        assertThat(Quantity.parse(quantity.toString())).isEqualTo(quantity);
    }

    @Property
    void binaryFormKeepsTheAmount(@ForAll long amount) {
        var quantity = new Quantity(BigDecimal.valueOf(amount), Quantity.Format.BINARY_SI);
        if (amount != Long.MIN_VALUE) {
            assertThat(Quantity.parse(quantity.toString())).isEqualTo(quantity);
        }
    }
}
