package dev.sampan.controllers.pods;

import io.fabric8.kubernetes.api.model.IntOrString;
import org.jspecify.annotations.Nullable;

/** Numbers that may be written as a percentage of another. */
public final class Scaled {

    private Scaled() {}

    /**
     * The number, or the percentage of {@code total}; 0 for none.
     *
     * @param up whether parts of one count as one
     */
    public static int of(@Nullable IntOrString value, int total, boolean up) {
        if (value == null) {
            return 0;
        }
        if (value.getStrVal() == null) {
            return value.getIntVal() == null ? 0 : value.getIntVal();
        }
        var text = value.getStrVal().trim();
        if (!text.endsWith("%")) {
            return Integer.parseInt(text);
        }
        long hundredths = Long.parseLong(text.substring(0, text.length() - 1)) * total;
        return Math.toIntExact(up ? Math.ceilDiv(hundredths, 100L) : Math.floorDiv(hundredths, 100L));
    }
}
