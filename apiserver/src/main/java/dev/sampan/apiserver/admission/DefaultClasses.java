package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.util.Comparator;
import java.util.Optional;

/** Finds the class that an annotation marks as the default; of several the newest. */
final class DefaultClasses {

    private DefaultClasses() {}

    static Optional<String> find(Objects objects, GroupResource classes, String... annotations) {
        return objects.list(classes, "").stream()
                .filter(c -> {
                    for (var annotation : annotations) {
                        if ("true".equals(Meta.annotations(c).get(annotation))) {
                            return true;
                        }
                    }
                    return false;
                })
                .max(Comparator.comparing((tools.jackson.databind.node.ObjectNode c) ->
                                Meta.text(c, "metadata", "creationTimestamp"))
                        .thenComparing(Meta::name, Comparator.reverseOrder()))
                .map(Meta::name);
    }
}
