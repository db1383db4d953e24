package dev.sampan.models.keras;

import dev.sampan.models.keras.KerasModel.Layer;
import java.util.List;

/** How layers of one class become nodes. */
interface LayerRule {
    Value apply(Layer layer, List<Value> inputs, Building building) throws KerasException;

    /** The same for layers of one input. */
    interface Single {
        Value apply(Layer layer, Value input, Building building) throws KerasException;

        default LayerRule rule() {
            return (layer, inputs, building) -> {
                if (inputs.size() != 1) {
                    throw layer.unsupported("it has " + inputs.size() + " inputs, not one");
                }
                return apply(layer, inputs.getFirst(), building);
            };
        }
    }
}
