package dev.sampan.apiserver.authz;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Joins rules that differ only in their verbs, so that messages and reviews stay readable. */
final class CompactRules {

    private CompactRules() {}

    static List<Rule> of(List<Rule> rules) {
        var verbs = new LinkedHashMap<Rule, Set<String>>();
        for (var rule : rules) {
            var key = new Rule(
                    List.of(), rule.apiGroups(), rule.resources(), rule.resourceNames(), rule.nonResourceUrls());
            verbs.computeIfAbsent(key, k -> new LinkedHashSet<>()).addAll(rule.verbs());
        }
        var result = new ArrayList<Rule>();
        verbs.forEach((key, all) -> result.add(new Rule(
                List.copyOf(all), key.apiGroups(), key.resources(), key.resourceNames(), key.nonResourceUrls())));
        return result;
    }
}
