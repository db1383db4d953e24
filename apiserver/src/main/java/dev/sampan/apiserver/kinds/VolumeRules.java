package dev.sampan.apiserver.kinds;

import dev.sampan.schema.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A pod's volumes. */
final class VolumeRules {

    private static final List<String> HOST_PATH_TYPES = List.of(
            "", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice");
    private static final List<String> MEDIA = List.of("", "Memory", "HugePages");

    private final Errors errors;

    VolumeRules(Errors errors) {
        this.errors = errors;
    }

    /** @return the volumes' names */
    Set<String> check(Field volumes) {
        var names = new HashSet<String>();
        for (var volume : volumes.items()) {
            var name = volume.at("name");
            if (name.text().isEmpty()) {
                errors.required(name, "");
            } else {
                errors.names(name, Names.dns1123Label(name.text()));
                if (!names.add(name.text())) {
                    errors.duplicate(name);
                }
            }
            source(volume);
        }
        return names;
    }

    private void source(Field volume) {
        int sources = 0;
        for (var entry : volume.value().properties()) {
            if (entry.getKey().equals("name") || entry.getValue().isNull()) {
                continue;
            }
            if (++sources > 1) {
                errors.forbidden(volume.at(entry.getKey()), "may not specify more than 1 volume type");
            } else {
                source(entry.getKey(), volume.at(entry.getKey()));
            }
        }
        if (sources == 0) {
            errors.required(volume, "must specify a volume type");
        }
    }

    private void source(String kind, Field source) {
        switch (kind) {
            case "emptyDir" -> {
                if (source.has("sizeLimit")) {
                    errors.quantityNotNegative(source.at("sizeLimit"));
                }
                if (!MEDIA.contains(source.text("medium"))
                        && !source.text("medium").startsWith("HugePages-")) {
                    errors.oneOf(source.at("medium"), MEDIA);
                }
            }
            case "hostPath" -> hostPath(source);
            case "secret" -> {
                if (source.text("secretName").isEmpty()) {
                    errors.required(source.at("secretName"), "");
                }
                files(source);
            }
            case "configMap" -> {
                if (source.text("name").isEmpty()) {
                    errors.required(source.at("name"), "");
                }
                files(source);
            }
            case "downwardAPI" -> {
                mode(source.at("defaultMode"));
                source.at("items").items().forEach(this::downwardFile);
            }
            case "projected" -> projected(source);
            case "persistentVolumeClaim" -> {
                if (source.text("claimName").isEmpty()) {
                    errors.required(source.at("claimName"), "");
                }
            }
            case "nfs" -> {
                required(source, "server", "path");
                if (!source.text("path").isEmpty() && !source.text("path").startsWith("/")) {
                    errors.invalid(source.at("path"), "must be an absolute path");
                }
            }
            case "csi" -> required(source, "driver");
            case "iscsi" -> required(source, "targetPortal", "iqn");
            default -> {}
        }
    }

    private void required(Field source, String... names) {
        for (var name : names) {
            if (source.text(name).isEmpty()) {
                errors.required(source.at(name), "");
            }
        }
    }

    void hostPath(Field source) {
        if (source.text("path").isEmpty()) {
            errors.required(source.at("path"), "");
        } else {
            noDots(errors, source.at("path"));
        }
        errors.oneOf(source.at("type"), HOST_PATH_TYPES);
    }

    private void projected(Field projected) {
        mode(projected.at("defaultMode"));
        for (var source : projected.at("sources").items()) {
            int kinds = 0;
            for (var entry : source.value().properties()) {
                if (entry.getValue().isNull()) {
                    continue;
                }
                if (++kinds > 1) {
                    errors.forbidden(source.at(entry.getKey()), "may not specify more than 1 volume type");
                    continue;
                }
                var part = source.at(entry.getKey());
                switch (entry.getKey()) {
                    case "secret", "configMap" -> {
                        required(part, "name");
                        part.at("items").items().forEach(this::file);
                    }
                    case "downwardAPI" -> part.at("items").items().forEach(this::downwardFile);
                    case "serviceAccountToken" -> token(part);
                    default -> {}
                }
            }
        }
    }

    private void token(Field token) {
        long seconds = token.at("expirationSeconds").number(0);
        if (seconds < 600) {
            errors.invalid(token.at("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
        } else if (seconds > 1L << 32) {
            errors.invalid(
                    token.at("expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds");
        }
        required(token, "path");
        localPath(errors, token.at("path"));
    }

    private void files(Field source) {
        mode(source.at("defaultMode"));
        source.at("items").items().forEach(this::file);
    }

    private void file(Field item) {
        required(item, "key", "path");
        localPath(errors, item.at("path"));
        if (item.text("path").startsWith("..") && !item.text("path").startsWith("../")) {
            errors.invalid(item.at("path"), "must not start with '..'");
        }
        mode(item.at("mode"));
    }

    private void downwardFile(Field item) {
        required(item, "path");
        localPath(errors, item.at("path"));
        if (item.has("fieldRef")) {
            EnvRules.fieldRef(errors, item.at("fieldRef"), EnvRules.VOLUME_PATHS, true);
        } else if (item.has("resourceFieldRef")) {
            required(item.at("resourceFieldRef"), "containerName");
            EnvRules.resourceRef(errors, item.at("resourceFieldRef"));
        } else {
            errors.required(item, "one of fieldRef and resourceFieldRef is required");
        }
        mode(item.at("mode"));
    }

    private void mode(Field mode) {
        if (mode.present() && (mode.number(0) < 0 || mode.number(0) > 0777)) {
            errors.invalid(mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    /** Relative, and staying below where it starts. */
    static void localPath(Errors errors, Field path) {
        if (path.text().startsWith("/")) {
            errors.invalid(path, "must be a relative path");
        }
        noDots(errors, path);
    }

    private static void noDots(Errors errors, Field path) {
        for (var part : path.text().split("/", -1)) {
            if (part.equals("..")) {
                errors.invalid(path, "must not contain '..'");
                return;
            }
        }
    }
}
