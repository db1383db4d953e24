package dev.sampan.apiserver;

import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is special about one kind; one small class a kind, everything else is generic. Objects are in the version that
 * the kind is stored in. Every method has a default that adds nothing.
 */
public interface KindRules {

    /** No extra rule. */
    KindRules NONE = new KindRules() {};

    /** Defaults that a schema cannot express, such as one field copied to another. */
    default void setDefaults(ObjectNode object) {}

    /** Before creation, after defaulting: sets or clears fields that clients do not own. Status is already cleared. */
    default void prepareForCreate(ObjectNode object, RequestContext context) {}

    /** Before an update of the main resource; status is already the old one. */
    default void prepareForUpdate(ObjectNode object, ObjectNode old, RequestContext context) {}

    /** Before an update of the status subresource; all but status and metadata is already the old one. */
    default void prepareForStatusUpdate(ObjectNode object, ObjectNode old, RequestContext context) {}

    /**
     * Before an update of a part of the object ({@code finalize}, {@code ephemeralcontainers}, {@code resize},
     * {@code approval}); everything else is already the old one.
     */
    default void prepareForPartUpdate(String subresource, ObjectNode object, ObjectNode old, RequestContext context) {}

    /** Errors of a new object beyond its schema. Metadata is checked already. */
    default List<FieldError> validate(ObjectNode object) {
        return List.of();
    }

    /** Errors of a change beyond {@link #validate}, which is called as well: immutable fields above all. */
    default List<FieldError> validateUpdate(ObjectNode object, ObjectNode old) {
        return List.of();
    }

    /** Errors of a change of a part; see {@link #prepareForPartUpdate}. */
    default List<FieldError> validatePartUpdate(String subresource, ObjectNode object, ObjectNode old) {
        return List.of();
    }

    /** Errors of a change of the status subresource. */
    default List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
        return List.of();
    }

    /** Texts for the client about an accepted object: deprecated or useless fields. */
    default List<String> warnings(ObjectNode object) {
        return List.of();
    }

    /** Values for field selectors beyond {@code metadata.name} and {@code metadata.namespace}. */
    default Map<String, String> selectableFields(ObjectNode object) {
        return Map.of();
    }

    /** Names of the fields in {@link #selectableFields}: a selector on any other field is a bad request. */
    default List<String> selectableFieldNames() {
        return List.of();
    }

    /** How object names of this kind are checked. */
    default NameRule nameRule() {
        return NameRule.SUBDOMAIN;
    }

    /** Whether a status sent with a create is kept (nodes register with theirs). */
    default boolean keepsStatusOnCreate() {
        return false;
    }

    /** Whether PUT to a name that does not exist creates the object. */
    default boolean allowsCreateOnUpdate() {
        return false;
    }

    /** Whether an update without resourceVersion overwrites whatever is stored. */
    default boolean allowsUnconditionalUpdate() {
        return true;
    }

    /**
     * Seconds between the deletion request and the removal of the object, which somebody (the node) then deletes with a
     * grace period of 0. Null: the kind knows no graceful deletion; 0: removed at once.
     *
     * @param requested {@code gracePeriodSeconds} of the request, null for the kind's default
     */
    default @Nullable Long gracePeriodSeconds(ObjectNode object, @Nullable Long requested) {
        return null;
    }

    /** Whether an object whose deletion was requested, with no finalizer left in metadata, may be removed. */
    default boolean removable(ObjectNode object) {
        return true;
    }

    /** The deletion was requested and deletionTimestamp is set: adapts the status of what stays for a while. */
    default void markDeleting(ObjectNode object, RequestContext context) {}

    /** Whether DELETE answers with the removed object instead of a Status. */
    default boolean returnsDeletedObject() {
        return false;
    }

    /** Whether dependents are orphaned when a DELETE says nothing about propagation. */
    default boolean orphansByDefault() {
        return false;
    }

    /** Which names are valid. */
    enum NameRule {
        /** RFC 1123 subdomain: most kinds. */
        SUBDOMAIN,
        /** RFC 1123 label: namespaces, services in new releases. */
        LABEL,
        /** RFC 1035 label: services. */
        LABEL_1035,
        /** Only what can stand in a path segment: RBAC kinds. */
        PATH_SEGMENT
    }

    /** Called after the object is removed from the store (not for dry runs). */
    default void afterDelete(ObjectNode object, RequestContext context) {}

    /** Called after an update is stored (not for dry runs): gives back what the object does not use any more. */
    default void afterUpdate(ObjectNode object, ObjectNode old, RequestContext context) {}

    /**
     * Called when a create or update failed after {@code prepareFor…}, and certainly nothing was stored: gives back what that had
     * reserved. {@code old} is null for a create.
     */
    default void rollBack(ObjectNode object, @Nullable ObjectNode old, RequestContext context) {}
}
