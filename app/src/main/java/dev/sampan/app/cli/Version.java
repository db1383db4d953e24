package dev.sampan.app.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The versions of Sampan and of the Kubernetes API that it serves. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        var version =
                Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development build");
        return new String[] {"sampan " + version, "Kubernetes API v1.36", "Java " + Runtime.version()};
    }
}
