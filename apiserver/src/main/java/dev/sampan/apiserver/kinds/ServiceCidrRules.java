package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** ServiceCIDRs: one block, or one of each address family. */
final class ServiceCidrRules implements KindRules {

    @Override
    public List<FieldError> validate(ObjectNode one) {
        var errors = new Errors();
        var cidrs = Field.of(one, "spec").at("cidrs");
        var blocks = cidrs.items();
        if (blocks.isEmpty()) {
            errors.required(cidrs, "at least one CIDR required");
        } else if (blocks.size() > 2) {
            errors.invalid(cidrs, "may only hold up to 2 values");
        } else if (blocks.size() == 2 && isV6(blocks.get(0)) == isV6(blocks.get(1))) {
            errors.invalid(
                    cidrs, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
        blocks.forEach(block -> Addresses.checkCidr(errors, block));
        return errors.list();
    }

    /** A second family may be added; what is there stays. */
    @Override
    public List<FieldError> validateUpdate(ObjectNode one, ObjectNode old) {
        var errors = new Errors();
        var now = Field.of(one, "spec").at("cidrs");
        var before = Field.of(old, "spec").at("cidrs").items();
        boolean grows = before.size() == 1 && now.items().size() == 2;
        if (!grows && before.size() != now.items().size()) {
            errors.invalid(now, Errors.IMMUTABLE);
            return errors.list();
        }
        for (int i = 0; i < before.size(); i++) {
            errors.immutable(now.item(i), before.get(i));
        }
        return errors.list();
    }

    private static boolean isV6(Field block) {
        return block.text().contains(":");
    }
}
