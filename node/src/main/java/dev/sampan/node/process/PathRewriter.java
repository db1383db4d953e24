package dev.sampan.node.process;

import dev.sampan.node.runtime.ContainerSpec.Mount;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Stands in for mounts where there are no mount namespaces: where a command line or variable mentions a mount path, the
 * host's path is put in its place. {@code SAMPAN_MOUNTS} tells programs that know of it.
 */
final class PathRewriter {

    private final List<Mount> mounts;

    PathRewriter(List<Mount> mounts) {
        this.mounts = mounts.stream()
                .sorted(Comparator.comparingInt((Mount m) -> m.container().length())
                        .reversed())
                .toList();
    }

    List<String> rewrite(List<String> words) {
        var rewritten = new ArrayList<String>();
        words.forEach(w -> rewritten.add(rewrite(w)));
        return rewritten;
    }

    Map<String, String> rewrite(Map<String, String> environment) {
        var rewritten = new LinkedHashMap<>(environment);
        rewritten.replaceAll((name, value) -> rewrite(value));
        return rewritten;
    }

    /** Replaces every mount path in the text that begins at a word's or option value's start and ends at a path element's end. */
    String rewrite(String text) {
        var out = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            var mount = mountAt(text, at);
            if (mount == null) {
                out.append(text.charAt(at++));
            } else {
                out.append(mount.host());
                at += trimmed(mount).length();
            }
        }
        return out.toString();
    }

    private @org.jspecify.annotations.Nullable Mount mountAt(String text, int at) {
        if (text.charAt(at) != '/'
                || (at > 0 && "/._-".indexOf(text.charAt(at - 1)) >= 0)
                || (at > 0 && Character.isLetterOrDigit(text.charAt(at - 1)))) {
            return null;
        }
        for (var mount : mounts) {
            var path = trimmed(mount);
            int end = at + path.length();
            boolean whole = end >= text.length() || !partOfName(text.charAt(end));
            if (text.startsWith(path, at) && whole) {
                return mount;
            }
        }
        return null;
    }

    private static boolean partOfName(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.';
    }

    private static String trimmed(Mount mount) {
        var path = mount.container();
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** {@code container=host} pairs, separated by semicolons. */
    String variable() {
        return String.join(
                ";", mounts.stream().map(m -> trimmed(m) + "=" + m.host()).toList());
    }
}
