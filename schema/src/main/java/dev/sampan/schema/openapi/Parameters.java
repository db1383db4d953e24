package dev.sampan.schema.openapi;

import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Query parameters of the API, as clients look them up ({@code fieldValidation}, {@code dryRun}). */
record Parameters(String name, String type, String description) {

    static final Parameters PRETTY = string("pretty", "If 'true', then the output is pretty printed.");

    private static final Parameters DRY_RUN = string(
            "dryRun",
            "When present, indicates that modifications should not be persisted. An invalid or unrecognized dryRun directive"
                    + " will result in an error response and no further processing of the request. Valid values are: - All: all"
                    + " dry run stages will be processed");
    private static final Parameters FIELD_MANAGER = string(
            "fieldManager",
            "fieldManager is a name associated with the actor or entity that is making these changes. The value must be less than"
                    + " or 128 characters long, and only contain printable characters.");
    private static final Parameters FIELD_VALIDATION = string(
            "fieldValidation",
            "fieldValidation instructs the server on how to handle objects in the request (POST/PUT/PATCH) containing unknown or"
                    + " duplicate fields. Valid values are: Ignore, Warn (the default), Strict.");
    private static final Parameters FORCE = new Parameters(
            "force",
            "boolean",
            "Force is going to \"force\" Apply requests. It means user will re-acquire conflicting fields owned by other people."
                    + " Force flag must be unset for non-apply patch requests.");

    static final List<Parameters> WRITE = List.of(DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION);
    static final List<Parameters> PATCH = List.of(DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION, FORCE);
    static final List<Parameters> DELETE = List.of(
            DRY_RUN,
            new Parameters(
                    "gracePeriodSeconds",
                    "integer",
                    "The duration in seconds before the object should be deleted. Zero means delete immediately."),
            new Parameters("orphanDependents", "boolean", "Deprecated: please use the PropagationPolicy."),
            string(
                    "propagationPolicy",
                    "Whether and how garbage collection will be performed: 'Orphan', 'Background' or 'Foreground'."));
    static final List<Parameters> LIST = List.of(
            new Parameters("allowWatchBookmarks", "boolean", "Requests watch events with type \"BOOKMARK\"."),
            string("continue", "The continue option should be set when retrieving more results from the server."),
            string("fieldSelector", "A selector to restrict the list of returned objects by their fields."),
            string("labelSelector", "A selector to restrict the list of returned objects by their labels."),
            new Parameters("limit", "integer", "Maximum number of responses to return for a list call."),
            string("resourceVersion", "Constraint on what resource versions a request may be served from."),
            string("resourceVersionMatch", "How resourceVersion is applied to list calls."),
            new Parameters(
                    "sendInitialEvents", "boolean", "Begin the watch with synthetic events of the current state."),
            new Parameters("timeoutSeconds", "integer", "Timeout for the list/watch call."),
            new Parameters("watch", "boolean", "Watch for changes to the described resources."));

    private static Parameters string(String name, String description) {
        return new Parameters(name, "string", description);
    }

    ObjectNode json() {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("name", name).put("in", "query").put("description", description);
        json.putObject("schema").put("type", type).put("uniqueItems", true);
        return json;
    }

    static ObjectNode inPath(String name, String description) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("name", name).put("in", "path").put("description", description).put("required", true);
        json.putObject("schema").put("type", "string").put("uniqueItems", true);
        return json;
    }
}
