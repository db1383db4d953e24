package dev.sampan.schema.cel;

import java.util.regex.Pattern;

/** What went wrong in an evaluation, in cel-go's words where cel-java has others. */
final class EvaluationWords {

    private static final Pattern ABSENT_KEY = Pattern.compile("key '(.*)' is not present in map\\.");

    private EvaluationWords() {}

    static String of(Exception failure) {
        var message = String.valueOf(failure.getMessage()).replaceFirst("^evaluation error[^:]*:[^:]*: ", "");
        if (message.startsWith("Function '")) {
            message = ownWords(failure, message); // a function of ours says itself what it could not do
        }
        return ABSENT_KEY.matcher(message).replaceFirst("no such key: $1");
    }

    private static String ownWords(Exception failure, String otherwise) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getClass() == IllegalArgumentException.class && cause.getMessage() != null) {
                return cause.getMessage();
            }
        }
        return otherwise;
    }
}
