package dev.sampan.node.image;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An OCI image configuration while it is put together. Says nothing of this machine's time. Not thread-safe. */
final class ImageConfig {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    List<String> entrypoint = List.of();
    List<String> command = List.of();
    final Map<String, String> env = new LinkedHashMap<>();
    final Map<String, String> labels = new TreeMap<>();
    final TreeSet<String> ports = new TreeSet<>();
    final TreeSet<String> volumes = new TreeSet<>();
    String workingDir = "";
    String user = "";
    String stopSignal = "";
    private final List<String> diffIds = new ArrayList<>();
    private final List<History> history = new ArrayList<>();

    private record History(String createdBy, boolean emptyLayer) {}

    /** Takes over an image's configuration. */
    static ImageConfig of(JsonNode file) {
        var config = new ImageConfig();
        var json = file.path("config");
        config.entrypoint = strings(json.path("Entrypoint"));
        config.command = strings(json.path("Cmd"));
        for (var entry : strings(json.path("Env"))) {
            int equals = entry.indexOf('=');
            config.env.put(entry.substring(0, Math.max(equals, 0)), entry.substring(equals + 1));
        }
        json.path("Labels")
                .properties()
                .forEach(l -> config.labels.put(l.getKey(), l.getValue().asString("")));
        config.ports.addAll(json.path("ExposedPorts").propertyNames());
        config.volumes.addAll(json.path("Volumes").propertyNames());
        config.workingDir = json.path("WorkingDir").asString("");
        config.user = json.path("User").asString("");
        config.stopSignal = json.path("StopSignal").asString("");
        config.diffIds.addAll(strings(file.path("rootfs").path("diff_ids")));
        file.path("history")
                .forEach(h -> config.history.add(new History(
                        h.path("created_by").asString(""), h.path("empty_layer").asBoolean(false))));
        return config;
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(v -> v.asString("")).toList();
    }

    void addLayer(String diffId, String createdBy) {
        diffIds.add(diffId);
        history.add(new History(createdBy, false));
    }

    void addHistory(String createdBy) {
        history.add(new History(createdBy, true));
    }

    /** As the OCI image specification writes it. */
    ObjectNode toJson() {
        var file = JSON.createObjectNode();
        file.put("architecture", System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
        file.put("os", "linux");
        var config = file.putObject("config");
        if (!user.isEmpty()) {
            config.put("User", user);
        }
        set(config, "ExposedPorts", ports);
        env.forEach((name, value) -> config.withArray("Env").add(name + "=" + value));
        entrypoint.forEach(word -> config.withArray("Entrypoint").add(word));
        command.forEach(word -> config.withArray("Cmd").add(word));
        set(config, "Volumes", volumes);
        if (!workingDir.isEmpty()) {
            config.put("WorkingDir", workingDir);
        }
        labels.forEach((name, value) -> config.withObject("Labels").put(name, value));
        if (!stopSignal.isEmpty()) {
            config.put("StopSignal", stopSignal);
        }
        var rootfs = file.putObject("rootfs").put("type", "layers");
        var ids = rootfs.putArray("diff_ids");
        diffIds.forEach(ids::add);
        for (var step : history) {
            var entry = file.withArray("history").addObject().put("created_by", step.createdBy());
            if (step.emptyLayer()) {
                entry.put("empty_layer", true);
            }
        }
        return file;
    }

    private static void set(ObjectNode config, String name, TreeSet<String> values) {
        if (!values.isEmpty()) {
            var object = config.putObject(name);
            values.forEach(object::putObject);
        }
    }
}
