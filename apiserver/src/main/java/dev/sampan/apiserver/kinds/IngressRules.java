package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.RequestContext;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Names;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Ingresses, as networking.k8s.io/v1 has them. */
final class IngressRules implements KindRules {

    private static final String CLASS_ANNOTATION = "kubernetes.io/ingress.class";
    private static final List<String> PATH_TYPES = List.of("Exact", "ImplementationSpecific", "Prefix");
    private static final String[] BAD_PARTS = {"//", "/./", "/../", "%2f", "%2F"};
    private static final String[] BAD_ENDS = {"/..", "/."};

    @Override
    public void prepareForCreate(ObjectNode ingress, RequestContext context) {
        ingress.putObject("status").putObject("loadBalancer");
        var annotation = Meta.annotations(ingress).get(CLASS_ANNOTATION);
        var spec = ingress.path("spec");
        if (annotation != null && spec.path("ingressClassName").isString()) {
            throw dev.sampan.apiserver.ApiException.invalid(
                    new dev.sampan.apiserver.GroupKind("networking.k8s.io", "Ingress"),
                    Meta.name(ingress),
                    List.of(FieldError.invalid(
                            "annotations." + CLASS_ANNOTATION,
                            annotation,
                            "can not be set when the class field is also set")));
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode ingress) {
        var errors = new Errors();
        var spec = Field.of(ingress, "spec");
        if (spec.at("rules").value().isEmpty() && !spec.has("defaultBackend")) {
            errors.invalid(spec, spec.value(), "either `defaultBackend` or `rules` must be specified");
        }
        if (spec.has("defaultBackend")) {
            backend(errors, spec.at("defaultBackend"));
        }
        for (var rule : spec.at("rules").items()) {
            host(errors, rule.at("host"));
            if (rule.has("http")) {
                paths(errors, rule.at("http").at("paths"));
            }
        }
        for (var tls : spec.at("tls").items()) {
            tls.at("hosts").items().forEach(h -> host(errors, h));
            if (!tls.text("secretName").isEmpty()) {
                errors.names(tls.at("secretName"), Names.dns1123Subdomain(tls.text("secretName")));
            }
        }
        if (spec.has("ingressClassName")) {
            errors.names(spec.at("ingressClassName"), Names.dns1123Subdomain(spec.text("ingressClassName")));
        }
        return errors.list();
    }

    private static void host(Errors errors, Field host) {
        if (host.text().isEmpty()) {
            return;
        }
        if (Addresses.isV4(host.text()) || Addresses.isV6(host.text())) {
            errors.invalid(host, "must be a DNS name, not an IP address");
        } else if (host.text().contains("*")) {
            errors.names(host, Names.wildcardDns1123Subdomain(host.text()));
        } else {
            errors.names(host, Names.dns1123Subdomain(host.text()));
        }
    }

    private static void paths(Errors errors, Field paths) {
        if (paths.value().isEmpty()) {
            errors.required(paths, "");
        }
        for (var path : paths.items()) {
            var type = path.text("pathType");
            if (type.isEmpty()) {
                errors.required(path.at("pathType"), "pathType must be specified");
            } else if (type.equals("ImplementationSpecific")) {
                if (!path.text("path").isEmpty() && !path.text("path").startsWith("/")) {
                    errors.invalid(path.at("path"), "must be an absolute path");
                }
            } else if (PATH_TYPES.contains(type)) {
                literal(errors, path.at("path"));
            } else {
                errors.oneOf(path.at("pathType"), PATH_TYPES);
            }
            backend(errors, path.at("backend"));
        }
    }

    private static void literal(Errors errors, Field path) {
        var text = path.text();
        if (!text.startsWith("/")) {
            errors.invalid(path, text, "must be an absolute path");
            return;
        }
        for (var bad : BAD_PARTS) {
            if (text.contains(bad)) {
                errors.invalid(path, "must not contain '" + bad + "'");
            }
        }
        for (var bad : BAD_ENDS) {
            if (text.endsWith(bad)) {
                errors.invalid(path, "cannot end with '" + bad + "'");
            }
        }
    }

    private static void backend(Errors errors, Field backend) {
        var service = backend.at("service");
        if (service.present() && backend.has("resource")) {
            errors.invalid(backend, "", "cannot set both resource and service backends");
            return;
        }
        if (backend.has("resource")) {
            if (backend.at("resource").text("name").isEmpty()) {
                errors.required(backend.at("resource").at("name"), "");
            }
            if (backend.at("resource").text("kind").isEmpty()) {
                errors.required(backend.at("resource").at("kind"), "");
            }
            return;
        }
        if (!service.present()) {
            errors.required(backend, "service or resource backend is required");
            return;
        }
        if (service.text("name").isEmpty()) {
            errors.required(service.at("name"), "");
        } else {
            errors.names(service.at("name"), Names.dns1035Label(service.text("name")));
        }
        port(errors, service);
    }

    private static void port(Errors errors, Field service) {
        var name = service.at("port").at("name");
        var number = service.at("port").at("number");
        boolean named = !name.text().isEmpty();
        boolean numbered = number.number(0) != 0;
        if (named && numbered) {
            errors.invalid(service, "", "cannot set both port name & port number");
        } else if (named) {
            errors.names(name, Names.portName(name.text()));
        } else if (numbered) {
            errors.port(number);
        } else {
            errors.required(service, "port name or number is required");
        }
    }
}
