package dev.sampan.apiserver.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code docs/conformance.md}, made of what the rows' tests gave. Pure. */
final class Report {

    private static final Map<String, String> OTHERS = Map.of(
            "C", "controllers and the scheduler",
            "R", "running containers",
            "N", "running containers and the pod network");

    private static final String HEAD = """
            # Conformance

            Kubernetes' conformance suite (release 1.32) asks for %d behaviours. %d of them need an API server and nothing else. Each of
            those has a test of its own in `apiserver/src/test/java/dev/sampan/apiserver/conformance`, which does what the suite's test
            of that name does; **%d of %d pass**. The other rows need more than the API server. They are listed at the end and count as
            passing nowhere here.

            This page is written by `ConformanceTest`, which fails when the page says something else than the tests:

            ```
            ./mvnw -pl apiserver -am -Dtest=ConformanceTest -Dsurefire.failIfNoSpecifiedTests=false -Dconformance.write verify
            ```

            | area | API only | passing | needs controllers | needs containers | needs pod network |
            |---|---:|---:|---:|---:|---:|
            """;

    private Report() {}

    /** @param results whether it passed, of the rows that were run */
    static String write(List<Behaviour> rows, Map<Integer, Boolean> results) {
        var own = rows.stream().filter(Behaviour::needsOnlyTheApi).toList();
        var text = new StringBuilder(HEAD.formatted(rows.size(), own.size(), passing(own, results), own.size()));
        var areas = new TreeMap<String, List<Behaviour>>();
        rows.forEach(
                r -> areas.computeIfAbsent(r.area(), a -> new ArrayList<>()).add(r));
        areas.forEach((area, of) -> line(text, area, of, results));
        line(text, "all", rows, results);
        text.append("\n## Rows of the API server alone\n\n| row | area | behaviour | |\n|---:|---|---|---|\n");
        for (var row : own) {
            text.append("| %d | %s | %s | %s |\n"
                    .formatted(row.id(), row.area(), escaped(row.title()), word(results.get(row.id()))));
        }
        text.append("\n## Rows that need more than the API server\n");
        for (var need : List.of("C", "R", "N")) {
            text.append("\n### They need " + OTHERS.get(need) + "\n\n| row | area | behaviour |\n|---:|---|---|\n");
            rows.stream()
                    .filter(r -> r.needs().equals(need))
                    .forEach(r -> text.append("| %d | %s | %s |\n".formatted(r.id(), r.area(), escaped(r.title()))));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String area, List<Behaviour> rows, Map<Integer, Boolean> results) {
        var own = rows.stream().filter(Behaviour::needsOnlyTheApi).toList();
        text.append("| %s | %d | %d | %d | %d | %d |\n"
                .formatted(
                        area, own.size(), passing(own, results), count(rows, "C"), count(rows, "R"), count(rows, "N")));
    }

    private static long passing(List<Behaviour> rows, Map<Integer, Boolean> results) {
        return rows.stream().filter(r -> results.getOrDefault(r.id(), false)).count();
    }

    private static long count(List<Behaviour> rows, String need) {
        return rows.stream().filter(r -> r.needs().equals(need)).count();
    }

    private static String word(@org.jspecify.annotations.Nullable Boolean passed) {
        return passed == null ? "no test" : passed ? "passes" : "fails";
    }

    private static String escaped(String title) {
        return title.replace("|", "\\|");
    }
}
