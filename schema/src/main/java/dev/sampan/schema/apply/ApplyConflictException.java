package dev.sampan.schema.apply;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** Fields that an apply would change but others own. The API answers it as 409 Conflict with a cause for each. */
public final class ApplyConflictException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * One field in dispute; the reason of the {@code Status} cause is {@code FieldManagerConflict}.
     *
     * @param manager who owns it, as Kubernetes prints managers
     * @param field its path
     */
    public record Conflict(String manager, String field) {

        /** {@code message} of the {@code Status} cause. */
        public String message() {
            return "conflict with " + manager;
        }
    }

    private final transient List<Conflict> conflicts;

    ApplyConflictException(List<Conflict> conflicts) {
        super(message(conflicts));
        this.conflicts = List.copyOf(conflicts);
    }

    private static String message(List<Conflict> conflicts) {
        if (conflicts.size() == 1) {
            var only = conflicts.getFirst();
            return "Apply failed with 1 conflict: conflict with " + only.manager + ": " + only.field;
        }
        var byManager = new LinkedHashMap<String, List<String>>();
        conflicts.forEach(c ->
                byManager.computeIfAbsent(c.manager, m -> new ArrayList<>()).add(c.field));
        var lines = new ArrayList<String>();
        byManager.forEach((manager, fields) -> {
            lines.add("conflicts with " + manager + ":");
            fields.forEach(f -> lines.add("- " + f));
        });
        return "Apply failed with " + conflicts.size() + " conflicts: " + String.join("\n", lines);
    }

    /** Ordered by manager and field. */
    public List<Conflict> conflicts() {
        return conflicts;
    }
}
