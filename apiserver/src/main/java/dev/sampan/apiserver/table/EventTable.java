package dev.sampan.apiserver.table;

import static dev.sampan.apiserver.table.Cells.text;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Events, in the core version as in events.k8s.io. */
final class EventTable implements KindTable {

    private static final List<Column> COLUMNS = List.of(
            Column.of("Last Seen", "string", "The time at which the most recent occurrence was recorded."),
            Column.of("Type", "string", "Normal or Warning."),
            Column.of("Reason", "string", "Why the event was made."),
            Column.of("Object", "string", "The object this event is about."),
            Column.wide("Subobject", "string", "The part of the object that the event is about."),
            Column.wide("Source", "string", "The component reporting this event."),
            Column.of("Message", "string", "What happened."),
            Column.wide("First Seen", "string", "The time at which the event was first recorded."),
            Column.wide("Count", "string", "The number of times this event has occurred."),
            new Column("Name", "string", "name", "Name of the event.", 1));

    @Override
    public List<Column> columns() {
        return COLUMNS;
    }

    @Override
    public List<Object> cells(JsonNode event, Instant now) {
        var about = event.has("regarding") ? event.path("regarding") : event.path("involvedObject");
        var first = Ages.since(firstOf(event, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime"), now);
        var series = text(event, "series.lastObservedTime");
        var last = series.isEmpty() ? firstOf(event, "lastTimestamp", "deprecatedLastTimestamp") : series;
        return List.of(
                last.isEmpty() ? first : Ages.since(last, now),
                text(event, "type"),
                text(event, "reason"),
                text(about, "kind").toLowerCase(Locale.ROOT) + "/" + text(about, "name"),
                text(about, "fieldPath"),
                source(event),
                Cells.or(text(event, "message"), text(event, "note")).strip(),
                first,
                Long.toString(count(event)),
                text(event, "metadata.name"));
    }

    private static String source(JsonNode event) {
        var source = event.has("deprecatedSource") ? event.path("deprecatedSource") : event.path("source");
        var component = text(source, "component");
        if (component.isEmpty()) {
            component = firstOf(event, "reportingComponent", "reportingController");
        }
        var host = text(source, "host");
        return host.isEmpty() ? component : component + ", " + host;
    }

    private static long count(JsonNode event) {
        var series = event.path("series").path("count");
        if (series.isNumber()) {
            return series.asLong();
        }
        long count = Math.max(
                event.path("count").asLong(0), event.path("deprecatedCount").asLong(0));
        return Math.max(count, 1);
    }

    private static String firstOf(JsonNode event, String... fields) {
        for (var field : fields) {
            var value = event.path(field).asString("");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }
}
