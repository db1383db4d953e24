package dev.sampan.models.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime, whose native libraries are unpacked once into {@code $SAMPAN_HOME/native} (else {@code ~/.sampan/native})
 * instead of into a new temporary folder by every process: that would cost 30 MB of writing at each start, and stay behind
 * whenever a process is killed.
 */
public final class OnnxRuntimes {
    private static final String PATH_PROPERTY = "onnxruntime.native.path";
    private static final List<String> LIBRARIES = List.of("libonnxruntime.so", "libonnxruntime4j_jni.so");

    private OnnxRuntimes() {}

    /** The environment of this process; the native libraries are loaded at the first call. */
    public static OrtEnvironment environment() {
        return Holder.ENVIRONMENT;
    }

    private static final String FOLDER_PROPERTY = "sampan.native";

    private static final class Holder {
        static final OrtEnvironment ENVIRONMENT = open();

        private static OrtEnvironment open() {
            var folder = System.getProperty(PATH_PROPERTY) == null ? unpacked() : null;
            if (folder != null) {
                System.setProperty(PATH_PROPERTY, folder.toString());
            }
            return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        }
    }

    /** The folder of the unpacked libraries; null where they cannot be kept, so that the runtime unpacks them itself. */
    private static @Nullable Path unpacked() {
        var platform = platform();
        if (platform == null) {
            return null;
        }
        try {
            long size = 0;
            for (var library : LIBRARIES) {
                var resource = resource(platform, library);
                if (resource == null) {
                    return null;
                }
                size += resource.openConnection().getContentLengthLong();
            }
            var folder = libraries().resolve("onnxruntime-" + platform + "-" + size);
            Files.createDirectories(folder);
            for (var library : LIBRARIES) {
                unpack(resource(platform, library), folder.resolve(library));
            }
            return folder;
        } catch (IOException e) {
            return null;
        }
    }

    private static void unpack(@Nullable URL resource, Path file) throws IOException {
        if (resource == null || Files.exists(file)) {
            return;
        }
        var temporary = Files.createTempFile(file.getParent(), ".unpacking", ".so");
        try (var in = resource.openStream()) {
            Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static @Nullable URL resource(String platform, String library) {
        return OrtEnvironment.class.getResource("/ai/onnxruntime/native/" + platform + "/" + library);
    }

    /** Where native libraries are kept unpacked: the property {@value #FOLDER_PROPERTY}, else the user's folder. */
    private static Path libraries() {
        var folder = System.getProperty(FOLDER_PROPERTY);
        if (folder != null) {
            return Path.of(folder);
        }
        var home = System.getenv("SAMPAN_HOME");
        var root =
                home != null && !home.isBlank() ? Path.of(home) : Path.of(System.getProperty("user.home"), ".sampan");
        return root.resolve("native");
    }

    private static @Nullable String platform() {
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")) {
            return null;
        }
        return switch (System.getProperty("os.arch", "")) {
            case "amd64", "x86_64" -> "linux-x64";
            case "aarch64" -> "linux-aarch64";
            default -> null;
        };
    }
}
