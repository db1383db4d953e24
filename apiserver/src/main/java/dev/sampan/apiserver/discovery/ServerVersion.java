package dev.sampan.apiserver.discovery;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /version}: the level of the Kubernetes API that is served. */
public final class ServerVersion {

    public static final String GIT_VERSION = "v1.36.0+sampan";

    private ServerVersion() {}

    public static ObjectNode document() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("major", "1")
                .put("minor", "36")
                .put("emulationMajor", "1")
                .put("emulationMinor", "36")
                .put("minCompatibilityMajor", "1")
                .put("minCompatibilityMinor", "35")
                .put("gitVersion", GIT_VERSION)
                .put("gitCommit", "")
                .put("gitTreeState", "clean")
                .put("buildDate", "2026-01-01T00:00:00Z")
                .put("goVersion", "java" + Runtime.version().feature())
                .put("compiler", "javac")
                .put("platform", platform());
    }

    private static String platform() {
        var architecture = System.getProperty("os.arch", "amd64");
        return "linux/" + (architecture.equals("aarch64") ? "arm64" : architecture);
    }
}
