package dev.sampan.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The allowed dependencies between modules, in one place. A module may use itself and what its row names. */
class ModuleLawsTest {

    private static final Map<String, List<String>> MAY_USE = Map.ofEntries(
            Map.entry("schema", List.of()),
            Map.entry("store", List.of()),
            Map.entry("apiserver", List.of("schema", "store")),
            Map.entry("client", List.of()),
            Map.entry("scheduler", List.of("client")),
            Map.entry("controllers", List.of("client")),
            Map.entry("node", List.of("client")),
            Map.entry("network", List.of("client")),
            Map.entry("operators", List.of("client")),
            Map.entry("models", List.of()),
            Map.entry("serving", List.of("models")));

    private static JavaClasses sampan;

    @BeforeAll
    static void load() {
        sampan = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.sampan");
    }

    static Stream<String> modules() {
        return MAY_USE.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void usesOnlyWhatItsRowNames(String module) {
        classes()
                .that()
                .resideInAPackage(packages(module))
                .should()
                .onlyDependOnClassesThat(notOursOr(module, MAY_USE.getOrDefault(module, List.of())))
                .check(sampan);
    }

    @Test
    void modelsAndServingKnowNoKubernetesClient() {
        noClasses()
                .that()
                .resideInAnyPackage(packages("models"), packages("serving"), packages("store"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8..", "io.kubernetes..")
                .check(sampan);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void packagesOfAModuleFormNoCycle(String module) {
        slices().matching("dev.sampan." + module + ".(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(sampan);
    }

    private static DescribedPredicate<JavaClass> notOursOr(String module, List<String> allowed) {
        var packages = Stream.concat(Stream.of(module), allowed.stream())
                .map(name -> "dev.sampan." + name)
                .toList();
        return DescribedPredicate.describe(
                "are in " + packages + " or not ours",
                c -> !c.getPackageName().startsWith("dev.sampan")
                        || packages.stream().anyMatch(p -> (c.getPackageName() + ".").startsWith(p + ".")));
    }

    private static String packages(String module) {
        return "dev.sampan." + module + "..";
    }
}
