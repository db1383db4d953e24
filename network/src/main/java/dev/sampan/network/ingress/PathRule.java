package dev.sampan.network.ingress;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a request path is compared. */
public sealed interface PathRule {

    String path();

    boolean matches(String requestPath);

    /** The very path. */
    record Exact(String path) implements PathRule {
        @Override
        public boolean matches(String requestPath) {
            return requestPath.equals(path);
        }
    }

    /** The path's elements begin the request's: {@code /foo} matches {@code /foo/bar} and not {@code /foobar}. */
    record Prefix(String path) implements PathRule {

        /** The path without slashes at its end; empty for the root. */
        String elements() {
            return withoutTrailingSlash(path);
        }

        @Override
        public boolean matches(String requestPath) {
            String elements = elements();
            return requestPath.startsWith(elements)
                    && (requestPath.length() == elements.length() || requestPath.charAt(elements.length()) == '/');
        }

        static String withoutTrailingSlash(String path) {
            int end = path.length();
            while (end > 0 && path.charAt(end - 1) == '/') {
                end--;
            }
            return path.substring(0, end);
        }
    }

    /** Begins with the text, as nginx compares a path of type ImplementationSpecific. */
    record Text(String path) implements PathRule {
        @Override
        public boolean matches(String requestPath) {
            return requestPath.startsWith(path);
        }
    }

    /** A regular expression that matches from the beginning, whatever the case. */
    record Regex(String path, Pattern pattern) implements PathRule {

        static Regex of(String path) {
            return new Regex(path, Pattern.compile("^" + path, Pattern.CASE_INSENSITIVE));
        }

        @Override
        public boolean matches(String requestPath) {
            return pattern.matcher(requestPath).find();
        }

        /** The request path replaced as a whole, {@code $1} standing for what the first group matched. */
        String rewrite(String requestPath, String target) {
            Matcher matcher = pattern.matcher(requestPath);
            if (!matcher.find()) {
                return requestPath;
            }
            StringBuilder result = new StringBuilder();
            for (int i = 0; i < target.length(); i++) {
                char c = target.charAt(i);
                int group = c == '$' && i + 1 < target.length() ? Character.digit(target.charAt(i + 1), 10) : -1;
                if (group < 0) {
                    result.append(c);
                } else {
                    i++;
                    String text = group <= matcher.groupCount() ? matcher.group(group) : null;
                    result.append(text == null ? "" : text);
                }
            }
            return result.isEmpty() || result.charAt(0) != '/' ? "/" + result : result.toString();
        }
    }
}
