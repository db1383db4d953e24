package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.ResourceType;
import dev.sampan.schema.Schema;
import dev.sampan.schema.cel.CelRules;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One resource in one served version.
 *
 * @param type names and structure in this version
 * @param storage how its objects are stored
 * @param conversion between this version and the storage version
 * @param scale where the scale subresource finds its fields; null when there is none
 * @param columns printer columns of a custom resource; empty for built-in kinds
 * @param selectableFields JSON paths that field selectors may use, without the leading dot: of custom resources, and of
 *     built-in versions that name them otherwise than the storage version
 * @param rules CEL rules of a custom resource; none for built-in kinds
 * @param fingerprint changes when the structure does; empty for built-in kinds
 * @param deprecation warning for every request to this version; empty when it is not deprecated
 */
public record ServedType(
        ResourceType type,
        StorageType storage,
        Conversion conversion,
        @Nullable ScalePaths scale,
        List<PrinterColumn> columns,
        List<String> selectableFields,
        CelRules rules,
        String deprecation,
        String fingerprint) {

    /**
     * Fields that a scale subresource shows, as dotted paths.
     *
     * @param selector path of the label selector, in string or object form; empty when there is none
     */
    public record ScalePaths(String specReplicas, String statusReplicas, String selector) {}

    /** A column of {@code additionalPrinterColumns}. */
    public record PrinterColumn(
            String name, String type, String format, String description, int priority, String jsonPath) {}

    public GroupVersionKind gvk() {
        return type.gvk();
    }

    public Schema schema() {
        return type.schema();
    }

    public boolean namespaced() {
        return type.namespaced();
    }

    public boolean custom() {
        return storage.custom();
    }

    /** As messages name it; of the served group, which may not be the one that it is stored in. */
    public GroupResource resource() {
        return new GroupResource(type.gvk().group(), type.plural());
    }

    /** As messages name it; of the served group. */
    public GroupKind kind() {
        return new GroupKind(type.gvk().group(), type.gvk().kind());
    }

    public boolean serves(String verb) {
        return type.verbs().contains(verb);
    }

    /** A stored object in this version; not to be changed, it may be the stored one itself. */
    public ObjectNode fromStorage(ObjectNode stored) {
        return servesStoredBytes() ? stored : conversion.fromStorage(stored.deepCopy());
    }

    /** Whether stored bytes can be sent as they are. */
    public boolean servesStoredBytes() {
        return conversion == Conversion.NONE;
    }
}
