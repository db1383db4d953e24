package dev.sampan.apiserver.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * One row of {@code rows.tsv}: a behaviour of Kubernetes' conformance suite.
 *
 * @param needs A the API server only, C controllers and the scheduler too, R running containers, N the pod network too
 */
record Behaviour(int id, String area, String needs, String release, String title) {

    boolean needsOnlyTheApi() {
        return needs.equals("A");
    }

    static List<Behaviour> all() {
        try (var in = Objects.requireNonNull(Behaviour.class.getResourceAsStream("/conformance/rows.tsv"))) {
            var lines = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return lines.lines().skip(1).map(Behaviour::parse).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Behaviour parse(String line) {
        var cells = line.split("\t", -1);
        return new Behaviour(Integer.parseInt(cells[0]), cells[1], cells[2], cells[3], cells[4]);
    }
}
