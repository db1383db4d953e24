package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.AdmissionMetrics;
import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import java.util.List;

/** Runs the admission plugins in order. Immutable. */
public record Admission(List<AdmissionPlugin> plugins, AdmissionMetrics metrics) {

    public void mutate(AdmissionRequest request) {
        metrics.mutate(plugins, request);
    }

    public void validate(AdmissionRequest request) {
        metrics.validate(plugins, request);
    }
}
