package dev.sampan.apiserver.discovery;

import java.util.Comparator;
import java.util.regex.Pattern;

/** Kubernetes' order of versions, most stable and newest first: v2, v1, v2beta1, v1beta2, v1alpha1, then others by name. */
public final class VersionOrder implements Comparator<String> {

    public static final VersionOrder NEWEST_FIRST = new VersionOrder();

    private static final Pattern FORM = Pattern.compile("v([0-9]{1,9})(?:(alpha|beta)([0-9]{1,9}))?");

    private record Parsed(int stability, long major, long minor) {}

    private VersionOrder() {}

    @Override
    public int compare(String a, String b) {
        var left = parse(a);
        var right = parse(b);
        int order = Integer.compare(right.stability, left.stability);
        if (order == 0) {
            order = Long.compare(right.major, left.major);
        }
        if (order == 0) {
            order = Long.compare(right.minor, left.minor);
        }
        return order == 0 ? a.compareTo(b) : order;
    }

    private static Parsed parse(String version) {
        var match = FORM.matcher(version);
        if (!match.matches()) {
            return new Parsed(0, 0, 0);
        }
        var stage = match.group(2);
        int stability = stage == null ? 3 : stage.equals("beta") ? 2 : 1;
        return new Parsed(
                stability, Long.parseLong(match.group(1)), stage == null ? 0 : Long.parseLong(match.group(3)));
    }
}
