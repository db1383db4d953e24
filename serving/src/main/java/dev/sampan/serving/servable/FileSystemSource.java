package dev.sampan.serving.servable;

import dev.sampan.models.format.ModelFolders;
import dev.sampan.serving.config.ModelConfig;
import dev.sampan.serving.error.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the models' base paths and tells the manager which versions should be served. A base path that is missing or
 * unreadable changes nothing, as the file system may be away for a moment; an empty one unloads everything. Used by one
 * thread.
 */
public final class FileSystemSource {
    private static final Logger LOG = LoggerFactory.getLogger(FileSystemSource.class);

    private final ServableManager manager;
    private final Supplier<Map<String, String>> problems;
    private Collection<ModelConfig> models = List.of();
    /** Models that are configured but not wanted now. */
    private final Set<String> switchedOff = new HashSet<>();
    /** Models whose base path has been complained about and not been well since. */
    private final Set<String> complained = new HashSet<>();

    public FileSystemSource(ServableManager manager) {
        this(manager, Map::of);
    }

    /** @param problems why models cannot be fetched, by their names */
    public FileSystemSource(ServableManager manager, Supplier<Map<String, String>> problems) {
        this.manager = manager;
        this.problems = problems;
    }

    /**
     * From now on these models are served; others are unloaded.
     *
     * @return names of those that are new or configured otherwise than before
     */
    public Set<String> configure(Collection<ModelConfig> newModels) {
        var added = newModels.stream()
                .filter(model -> !models.contains(model))
                .map(ModelConfig::name)
                .collect(Collectors.toSet());
        var names = new HashSet<String>();
        newModels.forEach(model -> names.add(model.name()));
        models.stream()
                .map(ModelConfig::name)
                .filter(name -> !names.contains(name))
                .forEach(manager::remove);
        models = List.copyOf(newModels);
        switchedOff.clear();
        return added;
    }

    /**
     * Serves a configured model, or stops serving it, from the next look on.
     *
     * @throws ServingException NOT_FOUND if it is not configured
     */
    public void switchTo(String model, boolean wanted) {
        if (models.stream().noneMatch(config -> config.name().equals(model))) {
            throw ServingException.notFound("model '" + model + "' is not configured");
        }
        if (wanted) {
            switchedOff.remove(model);
        } else {
            switchedOff.add(model);
        }
    }

    /** Looks once. */
    public void poll() {
        manager.unreachable(problems.get());
        for (var model : models) {
            try {
                manager.aspire(model.name(), switchedOff.contains(model.name()) ? List.of() : aspired(model));
            } catch (IOException e) {
                if (complained.add(model.name())) {
                    LOG.warn(
                            "model {}: base path {} cannot be read, polling goes on: {}",
                            model.name(),
                            model.basePath(),
                            e.toString());
                }
            }
        }
        manager.tick();
    }

    private Collection<AspiredVersion> aspired(ModelConfig model) throws IOException {
        var present = new TreeMap<Long, Path>();
        try (var folders = Files.newDirectoryStream(model.basePath())) {
            for (var folder : folders) {
                long version = ModelFolders.version(folder);
                if (version >= 0 && Files.isDirectory(folder)) {
                    present.put(version, folder);
                }
            }
        }
        var chosen = model.versions().choose(present.keySet());
        if (!chosen.isEmpty()) {
            complained.remove(model.name());
        } else if (complained.add(model.name())) {
            LOG.warn(
                    "model {}: no version to serve under base path {}, polling goes on",
                    model.name(),
                    model.basePath());
        }
        var aspired = new TreeMap<Long, AspiredVersion>();
        for (long version : chosen) {
            var place = Objects.requireNonNull(present.get(version));
            // A copy is a link to what was fetched last. A folder of the user's is loaded once, as in TensorFlow
            // Serving: nobody knows when a change in it is complete.
            var folder = model.remote() == null ? place : place.toRealPath();
            aspired.put(version, new AspiredVersion(version, folder, fingerprint(folder)));
        }
        return aspired.values();
    }

    /** Names, sizes and times of the files in a version folder. */
    private static String fingerprint(Path folder) throws IOException {
        var files = new TreeMap<String, String>();
        try (var entries = Files.newDirectoryStream(folder)) {
            for (var file : entries) {
                files.put(
                        file.getFileName().toString(),
                        Files.size(file) + "@" + Files.getLastModifiedTime(file).toMillis());
            }
        }
        return files.entrySet().stream().map(Map.Entry::toString).toList().toString();
    }
}
