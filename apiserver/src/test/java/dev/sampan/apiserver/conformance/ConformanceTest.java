package dev.sampan.apiserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** Every conformance row that needs nothing but an API server, each a test by the row's name, and the page about them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ConformanceTest {

    private static final Path PAGE = Path.of("..", "docs", "conformance.md");
    private static final List<Behaviour> ROWS = Behaviour.all();
    private static final Map<Integer, Boolean> RESULTS = new HashMap<>();
    private static final Set<Integer> NOT_RUN = new HashSet<>();

    @TempDir
    private static Path directory;

    private static @Nullable Cluster cluster;

    @BeforeAll
    static void start() {
        cluster = new Cluster(directory);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static List<Object> suites() {
        var all = java.util.Objects.requireNonNull(cluster);
        return List.of(
                new AccessRows(all),
                new AdmissionRows(all),
                new BatchRows(all),
                new ConfigRows(all),
                new CustomResourceRows(all),
                new DiscoveryRows(all),
                new EventRows(all),
                new FieldValidationRows(all),
                new FlowControlRows(all),
                new KubectlRows(all),
                new ListRows(all),
                new NamespaceRows(all),
                new NetworkRows(all),
                new NodeRows(all),
                new OpenApiRows(all),
                new PodRows(all),
                new StorageRows(all),
                new WatchRows(all));
    }

    private record Shown(Object suite, Method method) {
        void run(int row) throws Throwable {
            try {
                method.invoke(suite);
                RESULTS.put(row, true);
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof TestAbortedException) {
                    NOT_RUN.add(row);
                } else {
                    RESULTS.put(row, false);
                }
                throw e.getCause();
            }
        }
    }

    private static Map<Integer, List<Shown>> shown() {
        var result = new TreeMap<Integer, List<Shown>>();
        for (var suite : suites()) {
            for (var method : suite.getClass().getDeclaredMethods()) {
                var row = method.getAnnotation(Row.class);
                if (row != null) {
                    method.setAccessible(true);
                    result.computeIfAbsent(row.value(), r -> new ArrayList<>()).add(new Shown(suite, method));
                }
            }
        }
        return result;
    }

    @Test
    @Order(1)
    void everyRowOfTheApiIsShownOnce() {
        var own = ROWS.stream()
                .filter(Behaviour::needsOnlyTheApi)
                .map(Behaviour::id)
                .toList();
        var shown = shown();
        assertThat(shown.keySet()).containsExactlyElementsOf(own);
        assertThat(shown.values()).allMatch(methods -> methods.size() == 1);
    }

    @TestFactory
    @Order(2)
    Stream<DynamicTest> row() {
        var byId = new HashMap<Integer, Behaviour>();
        ROWS.forEach(r -> byId.put(r.id(), r));
        var only = Integer.getInteger("conformance.row", 0);
        return shown().entrySet().stream()
                .filter(e -> only == 0 || e.getKey().equals(only))
                .map(e -> {
                    var row = java.util.Objects.requireNonNull(byId.get(e.getKey()));
                    var name = "%d [%s] %s".formatted(row.id(), row.area(), row.title());
                    return DynamicTest.dynamicTest(
                            name, () -> e.getValue().getFirst().run(row.id()));
                });
    }

    @Test
    @Order(3)
    void pageSaysWhatTheTestsGave() throws IOException {
        assumeFalse(!NOT_RUN.isEmpty(), () -> "rows that could not run here, such as for want of kubectl: " + NOT_RUN);
        assumeFalse(Integer.getInteger("conformance.row") != null, "only one row was run");
        var report = Report.write(ROWS, RESULTS);
        if (System.getProperty("conformance.write") != null) {
            Files.writeString(PAGE, report);
        }
        assertThat(PAGE).content().isEqualTo(report);
    }
}
