package dev.sampan.apiserver.table;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** How the objects of one kind become rows. */
interface KindTable {

    List<Column> columns();

    /** One cell a column: Strings, Numbers, Booleans or JSON. */
    List<Object> cells(JsonNode object, Instant now);

    /** A cell of one column. */
    interface Cell {
        Object of(JsonNode object, Instant now);
    }

    /** A column together with its cell. */
    record Part(Column column, Cell cell) {

        static Part of(String name, String type, Function<JsonNode, Object> cell) {
            return new Part(Column.of(name, type, name), (object, now) -> cell.apply(object));
        }

        static Part text(String name, Function<JsonNode, Object> cell) {
            return of(name, "string", cell);
        }

        static Part number(String name, Function<JsonNode, Object> cell) {
            return of(name, "integer", cell);
        }

        /** Shown with {@code -o wide} only. */
        static Part wide(String name, Function<JsonNode, Object> cell) {
            return new Part(Column.wide(name, "string", name), (object, now) -> cell.apply(object));
        }

        static Part name() {
            return new Part(
                    new Column("Name", "string", "name", "Name must be unique within a namespace.", 0),
                    (object, now) -> object.path("metadata").path("name").asString(""));
        }

        static Part age() {
            return new Part(Column.of("Age", "string", "Time since the object was created."), Ages::of);
        }

        /** The time of creation itself, which kubectl turns into nothing else. */
        static Part createdAt() {
            return new Part(
                    Column.of("Created At", "date", "When the object was created."),
                    (object, now) ->
                            object.path("metadata").path("creationTimestamp").asString(""));
        }
    }

    /** A table whose cells do not depend on each other. */
    static KindTable of(Part... parts) {
        var columns = new ArrayList<Column>();
        for (var part : parts) {
            columns.add(part.column());
        }
        return new KindTable() {
            @Override
            public List<Column> columns() {
                return columns;
            }

            @Override
            public List<Object> cells(JsonNode object, Instant now) {
                var cells = new ArrayList<>(parts.length);
                for (var part : parts) {
                    cells.add(part.cell().of(object, now));
                }
                return cells;
            }
        };
    }
}
