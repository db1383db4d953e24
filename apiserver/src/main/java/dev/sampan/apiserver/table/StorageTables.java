package dev.sampan.apiserver.table;

import static dev.sampan.apiserver.table.Cells.at;
import static dev.sampan.apiserver.table.Cells.text;
import static dev.sampan.apiserver.table.Cells.textAt;

import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.table.KindTable.Part;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Volumes, their claims and classes; ConfigMaps and Secrets. */
final class StorageTables {

    private static final String DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

    private StorageTables() {}

    static void addTo(Map<GroupResource, KindTable> tables) {
        tables.put(new GroupResource("", "persistentvolumes"), volumes());
        tables.put(new GroupResource("", "persistentvolumeclaims"), claims());
        tables.put(new GroupResource("storage.k8s.io", "storageclasses"), classes());
        tables.put(
                new GroupResource("storage.k8s.io", "csinodes"),
                KindTable.of(Part.name(), Part.number("Drivers", Cells.countAt("spec.drivers")), Part.age()));
        tables.put(
                new GroupResource("storage.k8s.io", "volumeattachments"),
                KindTable.of(
                        Part.name(),
                        Part.text("Attacher", textAt("spec.attacher")),
                        Part.text("PV", textAt("spec.source.persistentVolumeName")),
                        Part.text("Node", textAt("spec.nodeName")),
                        Part.of(
                                "Attached",
                                "boolean",
                                o -> at(o, "status.attached").asBoolean(false)),
                        Part.age()));
        tables.put(
                new GroupResource("", "configmaps"),
                KindTable.of(Part.name(), Part.number("Data", StorageTables::entries), Part.age()));
        tables.put(
                new GroupResource("", "secrets"),
                KindTable.of(
                        Part.name(),
                        Part.text("Type", textAt("type")),
                        Part.number("Data", Cells.countAt("data")),
                        Part.age()));
    }

    private static Object entries(JsonNode map) {
        return (long) (map.path("data").size() + map.path("binaryData").size());
    }

    private static KindTable volumes() {
        return KindTable.of(
                Part.name(),
                Part.text("Capacity", textAt("spec.capacity.storage")),
                Part.text("Access Modes", o -> Cells.accessModes(at(o, "spec.accessModes"))),
                Part.text("Reclaim Policy", textAt("spec.persistentVolumeReclaimPolicy")),
                Part.text("Status", o -> phase(o)),
                Part.text("Claim", StorageTables::claim),
                Part.text("StorageClass", StorageTables::storageClass),
                Part.text(
                        "VolumeAttributesClass", o -> Cells.or(text(o, "spec.volumeAttributesClassName"), Cells.UNSET)),
                Part.text("Reason", textAt("status.reason")),
                Part.age(),
                Part.wide("VolumeMode", o -> Cells.or(text(o, "spec.volumeMode"), Cells.UNSET)));
    }

    private static KindTable claims() {
        return KindTable.of(
                Part.name(),
                Part.text("Status", o -> phase(o)),
                Part.text("Volume", textAt("spec.volumeName")),
                Part.text("Capacity", o -> bound(o) ? text(o, "status.capacity.storage") : ""),
                Part.text("Access Modes", o -> bound(o) ? Cells.accessModes(at(o, "status.accessModes")) : ""),
                Part.text("StorageClass", StorageTables::storageClass),
                Part.text(
                        "VolumeAttributesClass", o -> Cells.or(text(o, "spec.volumeAttributesClassName"), Cells.UNSET)),
                Part.age(),
                Part.wide("VolumeMode", o -> Cells.or(text(o, "spec.volumeMode"), Cells.UNSET)));
    }

    private static boolean bound(JsonNode claim) {
        return !text(claim, "spec.volumeName").isEmpty();
    }

    private static String phase(JsonNode object) {
        return object.path("metadata").has("deletionTimestamp") ? "Terminating" : text(object, "status.phase");
    }

    private static String claim(JsonNode volume) {
        var claim = at(volume, "spec.claimRef");
        return claim.isMissingNode()
                ? ""
                : claim.path("namespace").asString("") + "/"
                        + claim.path("name").asString("");
    }

    private static String storageClass(JsonNode object) {
        var annotated = object.path("metadata")
                .path("annotations")
                .path("volume.beta.kubernetes.io/storage-class")
                .asString("");
        return annotated.isEmpty() ? text(object, "spec.storageClassName") : annotated;
    }

    private static KindTable classes() {
        return KindTable.of(
                new Part(Part.name().column(), (o, now) -> {
                    var isDefault = o.path("metadata")
                            .path("annotations")
                            .path(DEFAULT_CLASS)
                            .asString("");
                    return text(o, "metadata.name") + (isDefault.equals("true") ? " (default)" : "");
                }),
                Part.text("Provisioner", textAt("provisioner")),
                Part.text("ReclaimPolicy", o -> Cells.or(text(o, "reclaimPolicy"), "Delete")),
                Part.text("VolumeBindingMode", o -> Cells.or(text(o, "volumeBindingMode"), Cells.UNSET)),
                Part.of(
                        "AllowVolumeExpansion",
                        "boolean",
                        o -> o.path("allowVolumeExpansion").asBoolean(false)),
                Part.age());
    }
}
