package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.schema.FieldSelector;
import dev.sampan.schema.LabelSelector;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which objects of a type a list, a watch or a deletecollection is about. Immutable. */
public final class Selection {

    private static final String NAME = "metadata.name";
    private static final String NAMESPACE = "metadata.namespace";
    private static final Set<String> METADATA = Set.of(NAME, NAMESPACE);

    private final ServedType type;
    private final LabelSelector labels;
    private final FieldSelector fields;
    private final @Nullable String name;
    private final boolean metadataOnly;

    private Selection(ServedType type, LabelSelector labels, FieldSelector fields, @Nullable String name) {
        this.type = type;
        this.labels = labels;
        this.fields = fields;
        this.name = name;
        this.metadataOnly = fields.requirements().stream().allMatch(r -> METADATA.contains(r.field()));
    }

    /**
     * Reads {@code labelSelector} and {@code fieldSelector}.
     *
     * @param pathName name in the path of an old-style watch, else empty
     * @throws ApiException 400 when a selector cannot be read or names a field that the kind does not select by
     */
    public static Selection of(ApiRequest request, ServedType type, String pathName) {
        try {
            var labels = LabelSelector.parse(request.parameter("labelSelector"));
            var fields = FieldSelector.parse(request.parameter("fieldSelector"));
            fields.requirements().forEach(r -> SelectableFields.check(r.field(), type));
            return new Selection(type, labels, fields, pathName.isEmpty() ? required(fields, NAME) : pathName);
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    /** Whether every object matches, so that none has to be looked at. */
    public boolean everything() {
        return labels.isEmpty() && fields.isEmpty() && name == null;
    }

    /** The only name that can match, null when several can. */
    public @Nullable String name() {
        return name;
    }

    /** The only namespace that can match, null when several can. */
    public @Nullable String namespace() {
        return required(fields, NAMESPACE);
    }

    public boolean matches(ObjectView view) {
        return (labels.isEmpty() || labels.matches(view.labels()))
                && (name == null || name.equals(view.name()))
                && (fields.isEmpty() || fields.matches(values(view)));
    }

    private Map<String, String> values(ObjectView view) {
        var values = new HashMap<String, String>();
        values.put(NAME, view.name());
        values.put(NAMESPACE, view.namespace());
        if (!metadataOnly) {
            values.putAll(SelectableFields.of(view.tree(), type));
        }
        return values;
    }

    private static @Nullable String required(FieldSelector fields, String field) {
        for (var requirement : fields.requirements()) {
            if (requirement.equal() && requirement.field().equals(field)) {
                return requirement.value();
            }
        }
        return null;
    }
}
