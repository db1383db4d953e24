package dev.sampan.serving.engine;

import java.nio.file.Path;
import java.util.Map;

/**
 * How engines run models.
 *
 * @param intraOpThreads threads of one operation
 * @param interOpThreads branches of a model's graph that run at once
 * @param tensorFlowLibrary folder of TensorFlow's library; it need not be there as long as no SavedModel is loaded
 * @param savedModelTag of the graph of a SavedModel that is served
 */
public record EngineOptions(int intraOpThreads, int interOpThreads, Path tensorFlowLibrary, String savedModelTag) {
    /** Where {@code sampan engine install} puts engines. */
    public static final String FOLDER_PROPERTY = "sampan.engines";

    /** One thread a run; engines where they are installed. */
    public static EngineOptions usual(Map<String, String> environment) {
        return new EngineOptions(1, 1, installed(environment).resolve("tensorflow"), "serve");
    }

    /** Folder of installed engines: the property {@value #FOLDER_PROPERTY}, else the user's. */
    public static Path installed(Map<String, String> environment) {
        var folder = System.getProperty(FOLDER_PROPERTY);
        if (folder != null) {
            return Path.of(folder);
        }
        var home = environment.getOrDefault("SAMPAN_HOME", "");
        var root = home.isBlank() ? Path.of(System.getProperty("user.home"), ".sampan") : Path.of(home);
        return root.resolve("engines");
    }
}
