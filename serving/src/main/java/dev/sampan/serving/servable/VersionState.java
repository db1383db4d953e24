package dev.sampan.serving.servable;

/** Life of a version, with TensorFlow Serving's numbers: START → LOADING → AVAILABLE → UNLOADING → END. */
public enum VersionState {
    START(10),
    LOADING(20),
    AVAILABLE(30),
    UNLOADING(40),
    END(50);

    private final int number;

    VersionState(int number) {
        this.number = number;
    }

    /** The number on the wire. */
    public int number() {
        return number;
    }
}
