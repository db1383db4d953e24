package dev.sampan.network.ingress;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes of one host. The longest path that matches wins, an exact one before a prefix of the same length. */
final class HostRoutes {

    private final Map<String, Route> exact = new HashMap<>();
    private final Map<String, Route> prefixes = new HashMap<>();
    private final List<Route> others = new ArrayList<>();
    private @Nullable Route otherwise;

    /** @return the route that has the same path already, or null when the new one was added */
    @Nullable
    Route add(Route route) {
        return switch (route.path()) {
            case PathRule.Exact(var path) -> exact.putIfAbsent(path, route);
            case PathRule.Prefix prefix -> prefixes.putIfAbsent(prefix.elements(), route);
            case PathRule.Text text -> addOther(route);
            case PathRule.Regex regex -> addOther(route);
        };
    }

    private @Nullable Route addOther(Route route) {
        for (Route known : others) {
            if (known.path().path().equals(route.path().path())
                    && known.path().getClass() == route.path().getClass()) {
                return known;
            }
        }
        others.add(route);
        others.sort(
                Comparator.comparingInt((Route r) -> r.path().path().length()).reversed());
        return null;
    }

    /** For paths that no rule names; the first one stays. */
    void addDefault(Route route) {
        if (otherwise == null) {
            otherwise = route;
        }
    }

    @Nullable
    Route find(String path) {
        Route exactly = exact.get(path);
        if (exactly != null) {
            return exactly;
        }
        Route best = longestPrefix(path);
        for (Route route : others) {
            if (best != null
                    && best.path().path().length() >= route.path().path().length()) {
                break;
            }
            if (route.path().matches(path)) {
                best = route;
            }
        }
        return best == null ? otherwise : best;
    }

    private @Nullable Route longestPrefix(String path) {
        String elements = PathRule.Prefix.withoutTrailingSlash(path);
        while (true) {
            Route route = prefixes.get(elements);
            if (route != null || elements.isEmpty()) {
                return route;
            }
            elements = elements.substring(0, Math.max(0, elements.lastIndexOf('/')));
        }
    }
}
