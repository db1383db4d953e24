package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Events, in the form of the core group. */
final class EventRules implements KindRules {

    private static final int MAX_NOTE = 1024;

    @Override
    public List<FieldError> validate(ObjectNode event) {
        var errors = new Errors();
        var namespace = Meta.namespace(event);
        var about = Field.of(event, "involvedObject").at("namespace");
        var clusterWide = about.text().isEmpty() && (namespace.equals("default") || namespace.equals("kube-system"));
        if (!about.text().equals(namespace) && !clusterWide) {
            errors.invalid(about, about.text(), "does not match event.namespace");
        }
        if (event.path("eventTime").isString()) {
            structured(errors, event);
        }
        return errors.list();
    }

    /** What writers of events.k8s.io promise, and those of the old form need not. */
    private static void structured(Errors errors, ObjectNode event) {
        for (var name : new String[] {"reportingComponent", "reportingInstance", "action", "reason"}) {
            if (Meta.text(event, name).isEmpty()) {
                var shown = name.equals("reportingComponent") ? "reportingController" : name;
                errors.add(FieldError.required(shown, ""));
            }
        }
        if (Meta.text(event, "message").length() > MAX_NOTE) {
            errors.invalid(Field.of(event, "message"), "", "can have at most 1024 characters");
        }
        errors.requiredOneOf(Field.of(event, "type"), List.of("Normal", "Warning"));
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode event) {
        var fields = new TreeMap<String, String>();
        for (var name :
                new String[] {"kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"}) {
            fields.put("involvedObject." + name, Meta.text(event, "involvedObject", name));
        }
        fields.put("reason", Meta.text(event, "reason"));
        fields.put("reportingComponent", Meta.text(event, "reportingComponent"));
        var source = Meta.text(event, "source", "component");
        fields.put("source", source.isEmpty() ? Meta.text(event, "reportingComponent") : source);
        fields.put("type", Meta.text(event, "type"));
        return fields;
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.copyOf(
                selectableFields(JsonNodeFactory.instance.objectNode()).keySet());
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }
}
