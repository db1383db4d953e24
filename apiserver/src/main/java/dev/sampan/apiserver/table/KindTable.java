package dev.sampan.apiserver.table;

import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** How the objects of one kind become rows. */
interface KindTable {

    List<Column> columns();

    /** One cell a column: Strings, Numbers or Booleans. */
    List<Object> cells(JsonNode object, Instant now);
}
