package dev.sampan.schema;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** A pattern of a schema: found anywhere in the text. Go's syntax, of which Java understands nearly all. */
public final class RegularExpression {

    private final String text;
    private final @Nullable Pattern compiled;

    private RegularExpression(String text, @Nullable Pattern compiled) {
        this.text = text;
        this.compiled = compiled;
    }

    /** A pattern that cannot be compiled matches nothing. */
    static RegularExpression of(String text) {
        try {
            return new RegularExpression(text, Pattern.compile(text.replace("(?P<", "(?<")));
        } catch (PatternSyntaxException e) {
            return new RegularExpression(text, null);
        }
    }

    public boolean isValid() {
        return compiled != null;
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
