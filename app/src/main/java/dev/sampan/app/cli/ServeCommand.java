package dev.sampan.app.cli;

import dev.sampan.serving.ModelServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

@Command(
        name = "serve",
        description = {
            "Serve models over TensorFlow Serving's API.",
            "Takes the flags of tensorflow_model_server, and MODEL_NAME and MODEL_BASE_PATH as its image does."
        },
        footer = {
            "",
            "Example:  sampan serve --model_name=digits --model_base_path=$PWD/models/digits --rest_api_port=8501",
            "          curl -d '{\"instances\": [[…]]}' http://127.0.0.1:8501/v1/models/digits:predict"
        },
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

    @Unmatched
    private List<String> flags = new ArrayList<>();

    @Override
    public Integer call() {
        return ModelServer.run(flags, System.getenv(), System.out);
    }
}
