package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.kinds.Meta;

/** The 403 of an admission plugin, which names an object without a name yet by its {@code generateName}. */
final class Refusal {

    private Refusal() {}

    static ApiException of(AdmissionRequest request, String why) {
        var object = request.object();
        var name = request.name();
        if (name.isEmpty() && object != null) {
            name = Meta.name(object).isEmpty() ? Meta.text(object, "metadata", "generateName") : Meta.name(object);
        }
        return ApiException.forbidden(request.resource(), name.isEmpty() ? "Unknown" : name, why);
    }
}
