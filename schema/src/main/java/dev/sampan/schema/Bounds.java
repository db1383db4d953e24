package dev.sampan.schema;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** OpenAPI's limits on numbers, strings, lists and maps; null or false where there is none. */
public record Bounds(
        @Nullable BigDecimal minimum,
        boolean exclusiveMinimum,
        @Nullable BigDecimal maximum,
        boolean exclusiveMaximum,
        @Nullable BigDecimal multipleOf,
        @Nullable Long minLength,
        @Nullable Long maxLength,
        @Nullable RegularExpression pattern,
        @Nullable Long minItems,
        @Nullable Long maxItems,
        boolean uniqueItems,
        @Nullable Long minProperties,
        @Nullable Long maxProperties) {

    static final Bounds NONE =
            new Bounds(null, false, null, false, null, null, null, null, null, null, false, null, null);
}
