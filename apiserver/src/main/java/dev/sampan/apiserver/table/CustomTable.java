package dev.sampan.apiserver.table;

import dev.sampan.apiserver.registry.ServedType.PrinterColumn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** A custom resource's table: its name and the columns that its definition lists. */
final class CustomTable implements KindTable {

    private final List<PrinterColumn> printed;
    private final List<JsonPath> paths;
    private final List<Column> columns = new ArrayList<>();

    CustomTable(List<PrinterColumn> printed) {
        this.printed = printed;
        this.paths = printed.stream().map(c -> JsonPath.parse(c.jsonPath())).toList();
        columns.add(Part.name().column());
        for (var column : printed) {
            columns.add(
                    new Column(column.name(), column.type(), column.format(), column.description(), column.priority()));
        }
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public List<Object> cells(JsonNode object, Instant now) {
        var cells = new ArrayList<>();
        cells.add(object.path("metadata").path("name").asString(""));
        for (int i = 0; i < printed.size(); i++) {
            var found = paths.get(i).find(object);
            cells.add(found.isEmpty() ? NullNode.instance : cell(printed.get(i).type(), found, now));
        }
        return cells;
    }

    private static Object cell(String type, List<JsonNode> found, Instant now) {
        var value = found.getFirst();
        return switch (type) {
            case "date" -> Ages.since(value.asString(""), now);
            case "integer", "number" -> value.isNumber() ? value : NullNode.instance;
            case "boolean" -> value.isBoolean() ? value : NullNode.instance;
            default -> text(found);
        };
    }

    private static String text(List<JsonNode> found) {
        if (found.size() == 1) {
            return found.getFirst().isValueNode()
                    ? found.getFirst().asString("")
                    : found.getFirst().toString();
        }
        var texts = found.stream()
                .map(v -> v.isValueNode() ? v.asString("") : v.toString())
                .toList();
        return String.join(" ", texts);
    }
}
