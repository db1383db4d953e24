package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.schema.GroupVersionResource;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everything that is served at one moment. Immutable. */
public final class TypeTable {

    private final Map<GroupVersionResource, ServedType> byVersion = new LinkedHashMap<>();
    private final Map<GroupResource, ServedType> byStorage = new LinkedHashMap<>();

    public TypeTable(Collection<ServedType> types) {
        for (var served : types) {
            byVersion.put(served.type().gvr(), served);
            if (served.type() == served.storage().type()) {
                byStorage.put(served.storage().resource(), served);
            }
        }
    }

    public Collection<ServedType> all() {
        return Collections.unmodifiableCollection(byVersion.values());
    }

    public @Nullable ServedType find(String group, String version, String resource) {
        return byVersion.get(new GroupVersionResource(group, version, resource));
    }

    /** The resource in its storage version. */
    public @Nullable ServedType stored(GroupResource resource) {
        return byStorage.get(resource);
    }

    /** All versions of a group's resources. */
    public List<ServedType> inGroup(String group) {
        return byVersion.values().stream()
                .filter(t -> t.gvk().group().equals(group))
                .toList();
    }

    public List<ServedType> inGroupVersion(String group, String version) {
        return byVersion.values().stream()
                .filter(t -> t.gvk().group().equals(group) && t.gvk().version().equals(version))
                .toList();
    }
}
