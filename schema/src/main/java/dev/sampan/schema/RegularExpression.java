package dev.sampan.schema;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** A pattern of a schema: found anywhere in the text. Go's syntax, in linear time. */
public final class RegularExpression {

    private final String text;
    private final @Nullable Pattern compiled;

    private final String problem;

    private RegularExpression(String text, @Nullable Pattern compiled, String problem) {
        this.text = text;
        this.compiled = compiled;
        this.problem = problem;
    }

    /** A pattern that cannot be compiled matches nothing. */
    public static RegularExpression of(String text) {
        try {
            return new RegularExpression(text, Pattern.compile(text), "");
        } catch (PatternSyntaxException e) {
            return new RegularExpression(
                    text, null, "error parsing regexp: " + e.getDescription() + ": `" + e.getPattern() + "`");
        }
    }

    public boolean isValid() {
        return compiled != null;
    }

    /** Why it is not valid, in Go's words; empty when it is. */
    public String problem() {
        return problem;
    }

    public boolean found(String in) {
        return compiled != null && compiled.matcher(in).find();
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
