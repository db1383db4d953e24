package dev.sampan.serving.v2;

import dev.sampan.serving.config.ModelAdmin;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;

/** Loading by request. */
final class Repository {
    private Repository() {}

    /** @throws ServingException UNIMPLEMENTED if the request brings the model along */
    static void load(ModelAdmin admin, String model, Parameters parameters) {
        for (var name : parameters.values().keySet()) {
            if (name.equals("config") || name.startsWith("file:")) {
                throw new ServingException(
                        Code.UNIMPLEMENTED,
                        "models are loaded from the repository as they are: parameter '" + name + "' is not supported");
            }
        }
        admin.load(model);
    }
}
