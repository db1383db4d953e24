package dev.sampan.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.GroupKind;
import dev.sampan.schema.BuiltinCatalog;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every kind that is served has rules of its own, or a reason why it needs none. */
class EveryKindTest {

    private static final String REVIEW = "is answered and never stored: its handler checks it";

    private static final Map<String, String> WITHOUT = Map.ofEntries(
            Map.entry("Binding", REVIEW),
            Map.entry("TokenReview.authentication.k8s.io", REVIEW),
            Map.entry("SelfSubjectReview.authentication.k8s.io", REVIEW),
            Map.entry("SubjectAccessReview.authorization.k8s.io", REVIEW),
            Map.entry("LocalSubjectAccessReview.authorization.k8s.io", REVIEW),
            Map.entry("SelfSubjectAccessReview.authorization.k8s.io", REVIEW),
            Map.entry("SelfSubjectRulesReview.authorization.k8s.io", REVIEW),
            Map.entry("ComponentStatus", "cannot be written"),
            Map.entry("ServiceAccount", "Kubernetes checks its metadata alone"),
            Map.entry("Event.events.k8s.io", "is an Event, whose rules are those of the core group"),
            Map.entry("Ingress.extensions", "is stored as the Ingress that replaced it"),
            Map.entry(
                    "CustomResourceDefinition.apiextensions.k8s.io",
                    "its rules belong to the package that serves what it defines"));

    @Test
    void hasRulesOrAReason() {
        var kinds = new BuiltinKinds(new ServiceAddresses("127.96.0.0/24", "30000-30009", new Random(7)));
        var bare = new TreeSet<String>();
        for (var type : BuiltinCatalog.load().types()) {
            var kind = new GroupKind(type.gvk().group(), type.gvk().kind());
            if (!kinds.rules().containsKey(kind)) {
                bare.add(kind.toString());
            }
        }
        assertThat(bare).isEqualTo(new TreeSet<>(WITHOUT.keySet()));
    }
}
