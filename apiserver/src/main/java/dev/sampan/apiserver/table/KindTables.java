package dev.sampan.apiserver.table;

import dev.sampan.apiserver.registry.ServedType;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Finds a kind's table. */
final class KindTables {

    private static final KindTable DEFAULT = new KindTable() {
        @Override
        public List<Column> columns() {
            return List.of(
                    new Column("Name", "string", "name", "Name of the object.", 0),
                    new Column("Created At", "date", "", "When the object was created.", 0));
        }

        @Override
        public List<Object> cells(JsonNode object, Instant now) {
            return List.of(
                    object.path("metadata").path("name").asString(""),
                    object.path("metadata").path("creationTimestamp").asString(""));
        }
    };

    private KindTables() {}

    static KindTable of(ServedType type) {
        return DEFAULT;
    }
}
