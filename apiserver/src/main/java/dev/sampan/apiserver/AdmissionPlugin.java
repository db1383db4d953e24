package dev.sampan.apiserver;

/**
 * Looks at a write after authorization and before it is stored. All plugins mutate in order, the object is validated,
 * then all plugins validate.
 */
public interface AdmissionPlugin {

    /** May change {@link AdmissionRequest#object()}. @throws ApiException to refuse */
    default void mutate(AdmissionRequest request) {}

    /** Must not change the object. @throws ApiException to refuse */
    default void validate(AdmissionRequest request) {}
}
