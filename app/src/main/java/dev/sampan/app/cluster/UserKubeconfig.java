package dev.sampan.app.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** The kubeconfig of the person at the keyboard, into which a cluster's context is merged. Other entries stay as they are. */
public final class UserKubeconfig {

    /** Name of the context, the cluster and the user. */
    public static final String CONTEXT = "sampan";

    private final Path file;

    UserKubeconfig(Path file) {
        this.file = file;
    }

    /** The first file that {@code KUBECONFIG} names, else {@code ~/.kube/config}: where kubectl itself writes. */
    public static UserKubeconfig ofThisUser() {
        var variable = System.getenv("KUBECONFIG");
        if (variable != null && !variable.isBlank()) {
            return new UserKubeconfig(Path.of(variable.split(java.io.File.pathSeparator, 2)[0]));
        }
        return new UserKubeconfig(Home.ofUser().resolve(".kube").resolve("config"));
    }

    /**
     * Adds or replaces the entries named {@value #CONTEXT} by those of {@code clusterKubeconfig}.
     *
     * @return the file that was written
     * @throws IOException when the user's file is not a kubeconfig; it is then left untouched
     */
    public Path merge(Path clusterKubeconfig, boolean makeCurrent) throws IOException {
        var ours = load(clusterKubeconfig);
        var theirs = Files.exists(file) ? load(file) : new LinkedHashMap<String, Object>();
        theirs.putIfAbsent("apiVersion", "v1");
        theirs.putIfAbsent("kind", "Config");
        for (var section : List.of("clusters", "users", "contexts")) {
            theirs.put(section, mergedEntries(theirs.get(section), ours.get(section)));
        }
        if (makeCurrent || !theirs.containsKey("current-context")) {
            theirs.put("current-context", CONTEXT);
        }
        write(theirs);
        return file;
    }

    /**
     * Takes the entries named {@value #CONTEXT} out again when they are those of {@code clusterKubeconfig}; the entries of another cluster stay.
     */
    public void remove(Path clusterKubeconfig) throws IOException {
        if (!Files.exists(file) || !Files.exists(clusterKubeconfig)) {
            return;
        }
        var theirs = load(file);
        var ours = load(clusterKubeconfig);
        if (!entries(theirs.get("clusters")).containsAll(entries(ours.get("clusters")))) {
            return;
        }
        for (var section : List.of("clusters", "users", "contexts")) {
            theirs.put(section, mergedEntries(theirs.get(section), null));
        }
        theirs.remove("current-context", CONTEXT);
        write(theirs);
    }

    private static List<?> entries(@Nullable Object section) {
        return section instanceof List<?> list ? list : List.of();
    }

    private static List<Object> mergedEntries(@Nullable Object theirs, @Nullable Object ours) {
        var merged = new ArrayList<Object>();
        if (theirs instanceof List<?> entries) {
            entries.stream().filter(entry -> !isOurs(entry)).forEach(merged::add);
        }
        if (ours instanceof List<?> entries) {
            merged.addAll(entries);
        }
        return merged;
    }

    private static boolean isOurs(Object entry) {
        return entry instanceof Map<?, ?> map && CONTEXT.equals(map.get("name"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> load(Path path) throws IOException {
        try {
            var loaded = new Load(
                            LoadSettings.builder().setLabel(path.toString()).build())
                    .loadFromString(Files.readString(path));
            if (loaded == null) {
                return new LinkedHashMap<>();
            }
            if (loaded instanceof Map<?, ?> map) {
                return (Map<String, Object>) map;
            }
            throw new IOException(path + " is not a kubeconfig: it holds no mapping. Mend or move it, then try again.");
        } catch (YamlEngineException e) {
            throw new IOException(path + " is not valid YAML. Mend or move it, then try again. " + e.getMessage(), e);
        }
    }

    private void write(Map<String, Object> content) throws IOException {
        var settings =
                DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
        var folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        Files.createDirectories(folder);
        var partial = Files.createTempFile(folder, "config", ".partial");
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rw-------"));
        }
        Files.writeString(partial, new Dump(settings).dumpToString(content));
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
