package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import java.util.List;

/** Runs the admission plugins in order. Immutable. */
public record Admission(List<AdmissionPlugin> plugins) {

    public void mutate(AdmissionRequest request) {
        for (var plugin : plugins) {
            plugin.mutate(request);
        }
    }

    public void validate(AdmissionRequest request) {
        for (var plugin : plugins) {
            plugin.validate(request);
        }
    }
}
