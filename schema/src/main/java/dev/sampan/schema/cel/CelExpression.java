package dev.sampan.schema.cel;

import com.google.protobuf.NullValue;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.Program;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A compiled expression. Immutable and thread-safe. */
public final class CelExpression {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final String source;
    private final Program program;

    CelExpression(String source, Program program) {
        this.source = source;
        this.program = program;
    }

    /** The expression's text. */
    public String source() {
        return source;
    }

    /**
     * Evaluates the expression.
     *
     * @param variables values by name, made by {@link #value}; all that were declared have to be there
     */
    public Object evaluate(Map<String, Object> variables) throws CelFailure {
        try {
            return program.eval(variables);
        } catch (CelEvaluationException | IllegalArgumentException e) {
            throw new CelFailure(words(e));
        }
    }

    /** cel-java's message in cel-go's words. */
    private static String words(Exception e) {
        var message = EvaluationWords.of(e);
        if (message.startsWith("Iteration budget exceeded")) {
            return "operation cancelled: actual cost limit exceeded";
        }
        return message;
    }

    /** JSON as a value that expressions compute with; {@code null} for what is absent. */
    public static Object value(@Nullable JsonNode json) {
        return json == null || json.isMissingNode() ? NullValue.NULL_VALUE : CelValues.of(json, null);
    }

    /** The result of an expression as JSON; optional fields without a value are left out. */
    public static JsonNode json(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var object = JSON.objectNode();
                map.forEach((key, item) -> {
                    if (!(item instanceof Optional<?> o && o.isEmpty())) {
                        object.set(String.valueOf(key), json(item));
                    }
                });
                yield object;
            }
            case List<?> list -> {
                var array = JSON.arrayNode();
                list.forEach(item -> array.add(json(item)));
                yield array;
            }
            case Optional<?> optional -> optional.isPresent() ? json(optional.get()) : JSON.nullNode();
            case Boolean b -> JSON.booleanNode(b);
            case Double d -> JSON.numberNode(d);
            case Number n -> JSON.numberNode(n.longValue());
            case NullValue nothing -> JSON.nullNode();
            case CelByteString bytes -> JSON.stringNode(Base64.getEncoder().encodeToString(bytes.toByteArray()));
            case Instant i -> JSON.stringNode(i.toString());
            case Duration d -> JSON.stringNode(d.toMillis() / 1000.0 + "s");
            default -> JSON.stringNode(CelValues.text(value));
        };
    }

    /** The text that a message expression gave; null when it gave something else. */
    public static @Nullable String text(Object value) {
        return value instanceof String s ? s : null;
    }
}
