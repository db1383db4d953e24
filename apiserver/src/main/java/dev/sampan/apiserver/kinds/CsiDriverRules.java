package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** CSIDrivers. */
final class CsiDriverRules implements KindRules {

    private static final int MAX_NAME = 63;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
    private static final long MIN_TOKEN_SECONDS = 600;
    private static final long MAX_TOKEN_SECONDS = 1L << 32;
    private static final long MIN_UPDATE_SECONDS = 10;

    /** The name of a CSI driver, wherever one is given. */
    static void name(Errors errors, Field name) {
        if (name.text().isEmpty()) {
            errors.required(name, "");
        } else if (name.text().length() > MAX_NAME) {
            errors.add(FieldError.tooLong(name.path(), MAX_NAME));
        } else if (!NAME.matcher(name.text().toLowerCase(java.util.Locale.ROOT)).matches()) {
            errors.invalid(
                    name,
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
                            + " '.', and must start and end with an alphanumeric character (e.g. 'example.com')");
        }
    }

    @Override
    public void setDefaults(ObjectNode driver) {
        var spec = Defaults.object(driver, "spec");
        Defaults.flag(spec, "attachRequired", true);
        Defaults.text(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
        for (var flag : new String[] {"podInfoOnMount", "requiresRepublish", "seLinuxMount", "storageCapacity"}) {
            Defaults.flag(spec, flag, false);
        }
        if (spec.path("volumeLifecycleModes").isEmpty()) {
            spec.putArray("volumeLifecycleModes").add("Persistent");
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode driver) {
        var errors = new Errors();
        var spec = Field.of(driver, "spec");
        name(errors, Field.of(driver, "metadata").at("name"));
        errors.oneOf(spec.at("fsGroupPolicy"), List.of("File", "None", "ReadWriteOnceWithFSType"));
        for (var mode : spec.at("volumeLifecycleModes").items()) {
            errors.oneOf(mode, List.of("Ephemeral", "Persistent"));
        }
        var audiences = new HashSet<String>();
        for (var token : spec.at("tokenRequests").items()) {
            if (!audiences.add(token.text("audience"))) {
                errors.duplicate(token.at("audience"));
            }
            long seconds = token.at("expirationSeconds").number(MIN_TOKEN_SECONDS);
            if (seconds < MIN_TOKEN_SECONDS) {
                errors.invalid(token.at("expirationSeconds"), "may not specify a duration less than 10 minutes");
            } else if (seconds > MAX_TOKEN_SECONDS) {
                errors.invalid(token.at("expirationSeconds"), "may not specify a duration larger than 2^32 seconds");
            }
        }
        var period = spec.at("nodeAllocatableUpdatePeriodSeconds");
        if (period.present() && period.number(0) < MIN_UPDATE_SECONDS) {
            errors.invalid(period, "must be greater than or equal to 10 seconds");
        }
        return errors.list();
    }

    @Override
    public List<FieldError> validateUpdate(ObjectNode driver, ObjectNode old) {
        var errors = new Errors();
        for (var name : new String[] {"attachRequired", "volumeLifecycleModes"}) {
            errors.immutable(
                    Field.of(driver, "spec").at(name), Field.of(old, "spec").at(name));
        }
        return errors.list();
    }
}
