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
    /** Where engines are for who names no home, such as the launcher's build folder. */
    public static final String FOLDER_PROPERTY = "sampan.engines";

    /** One thread a run; engines where they are installed. */
    public static EngineOptions usual(Map<String, String> environment) {
        return new EngineOptions(1, 1, installed(environment).resolve("tensorflow"), "serve");
    }

    /**
     * Where {@code sampan engine install} puts engines, and servers look for them: {@code $SAMPAN_HOME/engines}, else the folder that
     * the property {@value #FOLDER_PROPERTY} names, else {@code ~/.sampan/engines}.
     */
    public static Path installed(Map<String, String> environment) {
        var home = environment.getOrDefault("SAMPAN_HOME", "");
        if (!home.isBlank()) {
            return Path.of(home, "engines").toAbsolutePath();
        }
        var folder = System.getProperty(FOLDER_PROPERTY);
        return folder != null ? Path.of(folder) : Path.of(System.getProperty("user.home"), ".sampan", "engines");
    }
}
