package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.KindRules.NameRule;
import dev.sampan.schema.Names;
import java.util.List;

/** Which of the rules for names holds for an object's name. */
final class NameChecks {

    private NameChecks() {}

    /** @param prefix whether {@code name} is a generateName, which something will be appended to */
    static List<String> check(NameRule rule, String name, boolean prefix) {
        var checked = prefix && name.endsWith("-") && rule != NameRule.PATH_SEGMENT
                ? name.substring(0, name.length() - 1) + "a"
                : name;
        return switch (rule) {
            case SUBDOMAIN -> Names.dns1123Subdomain(checked);
            case LABEL -> Names.dns1123Label(checked);
            case LABEL_1035 -> Names.dns1035Label(checked);
            case PATH_SEGMENT -> Names.pathSegment(checked);
        };
    }
}
