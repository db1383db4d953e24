package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** PriorityLevelConfigurations. */
final class PriorityLevelConfigurationRules implements KindRules {

    @Override
    public void setDefaults(ObjectNode level) {
        var spec = level.path("spec");
        if (spec.path("limited") instanceof ObjectNode limited) {
            number(limited, "nominalConcurrencyShares", 30);
            number(limited, "lendablePercent", 0);
            if (limited.path("limitResponse").path("queuing") instanceof ObjectNode queuing) {
                number(queuing, "queues", 64);
                number(queuing, "handSize", 8);
                number(queuing, "queueLengthLimit", 50);
            }
        }
        if (spec.path("exempt") instanceof ObjectNode exempt) {
            number(exempt, "nominalConcurrencyShares", 0);
            number(exempt, "lendablePercent", 0);
        }
    }

    private static void number(ObjectNode node, String field, int value) {
        if (!node.path(field).isNumber()) {
            node.put(field, value);
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode level) {
        var errors = new Errors();
        var spec = Field.of(level, "spec");
        errors.oneOf(spec.at("type"), List.of("Exempt", "Limited"));
        boolean exempt = Meta.name(level).equals("exempt");
        if (exempt != spec.text("type").equals("Exempt")) {
            errors.invalid(spec.at("type"), "must be 'Exempt' if and only if `name` is 'exempt'");
        }
        var limited = spec.at("limited");
        if (spec.text("type").equals("Limited") && !limited.present()) {
            errors.required(limited, "must not be empty when type is Limited");
        }
        if (spec.text("type").equals("Exempt") && limited.present()) {
            errors.forbidden(limited, "must be nil if the type is not Limited");
        }
        if (limited.present()) {
            limited(errors, limited);
        }
        return errors.list();
    }

    private static void limited(Errors errors, Field limited) {
        errors.notNegative(limited.at("nominalConcurrencyShares"));
        errors.range(limited.at("lendablePercent"), 0, 100);
        errors.notNegative(limited.at("borrowingLimitPercent"));
        var response = limited.at("limitResponse");
        errors.oneOf(response.at("type"), List.of("Queue", "Reject"));
        var queuing = response.at("queuing");
        if (response.text("type").equals("Reject") && queuing.present()) {
            errors.forbidden(queuing, "must be nil if limited.limitResponse.type is not Limited");
        }
        if (response.text("type").equals("Queue") && !queuing.present()) {
            errors.required(queuing, "must not be empty if limited.limitResponse.type is Limited");
        }
        if (queuing.present()) {
            errors.positive(queuing.at("queues"));
            errors.positive(queuing.at("handSize"));
            errors.positive(queuing.at("queueLengthLimit"));
            long hand = queuing.at("handSize").number(0);
            long queues = queuing.at("queues").number(0);
            if (hand > queues) {
                errors.invalid(queuing.at("handSize"), "should not be greater than queues (%d)".formatted(queues));
            }
        }
    }
}
