package dev.sampan.apiserver.table;

/**
 * Definition of a table's column.
 *
 * @param priority 0: always shown; 1: only with {@code -o wide}
 */
public record Column(String name, String type, String format, String description, int priority) {

    static Column of(String name, String type, String description) {
        return new Column(name, type, "", description, 0);
    }

    static Column wide(String name, String type, String description) {
        return new Column(name, type, "", description, 1);
    }
}
