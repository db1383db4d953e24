package dev.sampan.models.keras;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.exceptions.HdfException;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Keras writes with {@code model.save("model.h5")}: the configuration of the model as JSON, and for each layer its arrays
 * in the order of its {@code weight_names}.
 *
 * @param weights by layer
 */
record KerasFile(JsonNode config, Map<String, List<Weights>> weights) {
    private static final String CONFIG = "model_config";
    private static final String WEIGHTS = "model_weights";

    static KerasFile read(Path file) throws KerasException {
        try (var hdf = new HdfFile(file)) {
            var config = hdf.getAttribute(CONFIG);
            if (config == null) {
                throw new KerasException("it has no " + CONFIG
                        + ": weights alone cannot be served; save the whole model with model.save('model.h5')");
            }
            if (!(hdf.getChild(WEIGHTS) instanceof Group group)) {
                throw new KerasException("it has no " + WEIGHTS);
            }
            var weights = new HashMap<String, List<Weights>>();
            for (var name : texts(group, "layer_names")) {
                if (group.getChild(name) instanceof Group layer) {
                    weights.put(name, weights(layer));
                }
            }
            return new KerasFile(JsonMapper.shared().readTree(text(config.getData())), weights);
        } catch (HdfException e) {
            throw new KerasException("it is not a valid HDF5 file: " + e.getMessage(), e);
        } catch (JacksonException e) {
            throw new KerasException(CONFIG + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static List<Weights> weights(Group layer) throws KerasException {
        var all = new ArrayList<Weights>();
        for (var name : texts(layer, "weight_names")) {
            Node node = layer.getByPath(name);
            if (!(node instanceof Dataset dataset)) {
                throw new KerasException("the weights " + name + " of layer " + layer.getName() + " are missing");
            }
            all.add(new Weights(name, dataset.getDimensions(), floats(dataset)));
        }
        return all;
    }

    private static float[] floats(Dataset dataset) throws KerasException {
        @Nullable Object data = dataset.isScalar() ? dataset.getData() : dataset.getDataFlat();
        return switch (data) {
            case float[] values -> values;
            case double[] values -> {
                var floats = new float[values.length];
                for (int i = 0; i < values.length; i++) {
                    floats[i] = (float) values[i];
                }
                yield floats;
            }
            case Number value -> new float[] {value.floatValue()};
            case null, default ->
                throw new KerasException("the weights " + dataset.getPath() + " are no decimals but "
                        + dataset.getDataType().getJavaType().getSimpleName());
        };
    }

    /** Lists that are too long for one attribute are cut in pieces: {@code layer_names0}, {@code layer_names1} ... */
    private static List<String> texts(Group group, String name) {
        var texts = new ArrayList<String>();
        var attributes = group.getAttributes();
        add(attributes.get(name), texts);
        for (int i = 0; attributes.containsKey(name + i); i++) {
            add(attributes.get(name + i), texts);
        }
        return texts;
    }

    private static void add(@Nullable Attribute attribute, List<String> texts) {
        if (attribute != null) {
            addAll(attribute.getData(), texts);
        }
    }

    private static void addAll(@Nullable Object data, List<String> texts) {
        if (data != null && data.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(data); i++) {
                addAll(Array.get(data, i), texts);
            }
        } else if (data != null) {
            texts.add(text(data));
        }
    }

    private static String text(Object data) {
        return data instanceof String[] texts && texts.length == 1 ? texts[0] : data.toString();
    }
}
