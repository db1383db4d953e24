package dev.sampan.apiserver.table;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.registry.ServedType;
import dev.sampan.apiserver.table.KindTable.Part;
import java.util.HashMap;
import java.util.Map;

/** Finds a kind's table. Immutable. */
final class KindTables {

    private static final KindTable DEFAULT = KindTable.of(Part.name(), Part.createdAt());
    private static final KindTable CUSTOM_DEFAULT = KindTable.of(Part.name(), Part.age());

    private static final Map<GroupResource, KindTable> BUILTIN = builtin();

    private KindTables() {}

    static KindTable of(ServedType type) {
        if (type.custom()) {
            return type.columns().isEmpty() ? CUSTOM_DEFAULT : new CustomTable(type.columns());
        }
        return BUILTIN.getOrDefault(type.resource(), DEFAULT);
    }

    private static Map<GroupResource, KindTable> builtin() {
        var tables = new HashMap<GroupResource, KindTable>();
        WorkloadTables.addTo(tables);
        NetworkTables.addTo(tables);
        StorageTables.addTo(tables);
        ClusterTables.addTo(tables);
        PolicyTables.addTo(tables);
        return Map.copyOf(tables);
    }
}
