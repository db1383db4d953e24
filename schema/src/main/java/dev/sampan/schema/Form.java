package dev.sampan.schema;

/** Types of Kubernetes whose JSON is not that of their Go structure, each with its own protobuf form. */
public enum Form {
    PLAIN,
    /** A number with a unit, a string or a number in JSON, such as {@code 500m}. */
    QUANTITY,
    INT_OR_STRING,
    /** RFC 3339 with seconds. */
    TIME,
    /** RFC 3339 with microseconds. */
    MICRO_TIME,
    /** Go's duration, such as {@code 1h30m}. */
    DURATION,
    /** Any object, of a kind named inside it. */
    RAW_EXTENSION,
    /** Sets of field paths in managedFields. */
    FIELDS,
    /** Any JSON value. */
    JSON,
    SCHEMA_OR_ARRAY,
    SCHEMA_OR_BOOL,
    SCHEMA_OR_STRINGS;

    static Form of(String definition) {
        return switch (definition.substring(definition.lastIndexOf('.') + 1)) {
            case "Quantity" -> QUANTITY;
            case "IntOrString" -> INT_OR_STRING;
            case "Time" -> TIME;
            case "MicroTime" -> MICRO_TIME;
            case "Duration" -> DURATION;
            case "RawExtension" -> RAW_EXTENSION;
            case "FieldsV1" -> FIELDS;
            case "JSON" -> JSON;
            case "JSONSchemaPropsOrArray" -> SCHEMA_OR_ARRAY;
            case "JSONSchemaPropsOrBool" -> SCHEMA_OR_BOOL;
            case "JSONSchemaPropsOrStringArray" -> SCHEMA_OR_STRINGS;
            default -> PLAIN;
        };
    }
}
