package dev.sampan.models.parallel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * TensorFlow's TF_CONFIG: the addresses of every task by type, and which of them this process is. Chief (or master) and
 * workers train together, the chief as number 0; parameter servers and evaluators have no part in synchronous training.
 */
public record ClusterSpec(Map<String, List<String>> tasks, String type, int index) {

    public ClusterSpec {
        tasks = Map.copyOf(tasks);
    }

    /** Whether this task computes gradients. */
    public boolean trains() {
        return switch (type) {
            case "chief", "master", "worker" -> true;
            default -> false;
        };
    }

    /** Addresses of all that compute gradients, in the order of their ranks. */
    public List<String> trainers() {
        var addresses = new ArrayList<String>();
        for (var role : List.of("chief", "master", "worker")) {
            addresses.addAll(tasks.getOrDefault(role, List.of()));
        }
        return addresses;
    }

    /** Position of this task among {@link #trainers}. */
    public int rank() {
        int before = 0;
        for (var role : List.of("chief", "master", "worker")) {
            if (role.equals(type)) {
                return before + index;
            }
            before += tasks.getOrDefault(role, List.of()).size();
        }
        throw new IllegalStateException("a task of type " + type + " does not train");
    }

    /** The same text in every task of a job, and in no other job's. */
    public String jobName() {
        return new TreeMap<>(tasks).toString();
    }

    /** How people call this task: {@code worker 1}. */
    public String name() {
        return type + " " + index;
    }

    /**
     * Reads TF_CONFIG.
     *
     * @return null if there is none, or if it names no other task
     * @throws IllegalArgumentException if it is not what TensorFlow documents
     */
    public static @Nullable ClusterSpec parse(@Nullable String tfConfig) {
        if (tfConfig == null || tfConfig.isBlank()) {
            return null;
        }
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(tfConfig);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("TF_CONFIG is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.path("cluster").isObject()) {
            return null;
        }
        var tasks = new TreeMap<String, List<String>>();
        root.path("cluster").properties().forEach(e -> tasks.put(e.getKey(), addresses(e.getKey(), e.getValue())));
        var type = root.path("task").path("type").asString("");
        int index = root.path("task").path("index").asInt(-1);
        var own = tasks.get(type);
        if (own == null || index < 0 || index >= own.size()) {
            throw new IllegalArgumentException(
                    "TF_CONFIG: the task is " + type + " " + index + ", which its cluster does not have: " + tasks);
        }
        return new ClusterSpec(tasks, type, index);
    }

    private static List<String> addresses(String type, JsonNode node) {
        if (node.isObject()) {
            throw new IllegalArgumentException("TF_CONFIG: '" + type
                    + "' maps single indices to addresses (a job with enableDynamicWorker); synchronous training needs"
                    + " the list of all workers");
        }
        var addresses = new ArrayList<String>();
        node.forEach(address -> addresses.add(address.asString("")));
        if (!node.isArray() || addresses.stream().anyMatch(address -> !address.matches(".+:\\d{1,5}"))) {
            throw new IllegalArgumentException("TF_CONFIG: '" + type + "' must be a list of host:port, not " + node);
        }
        return addresses;
    }
}
