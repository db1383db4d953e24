package dev.sampan.node.image;

import dev.sampan.node.image.BuildFile.Instruction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** One build while it goes on: carries out instructions in order. Owned by the thread that builds. */
final class BuildStage {

    private static final Set<String> PROXIES =
            Set.of("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy");
    private static final Pattern PORT = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp))?");

    private final BuildRequest request;
    private final ImageStore store;
    private final ImageLayout layout;
    private final BuildCopy copy;
    private final Map<String, String> globalArguments = new HashMap<>();
    private final Map<String, String> arguments = new HashMap<>();
    private final Set<String> usedArguments = new HashSet<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<ObjectNode> layers = new ArrayList<>();
    private List<String> shell = List.of("/bin/sh", "-c");
    private ImageConfig config = new ImageConfig();
    private boolean begun;
    private boolean ownCommand;

    BuildStage(BuildRequest request, ImageLayout layout, ImageStore store) throws IOException, BuildException {
        this.request = request;
        this.layout = layout;
        this.store = store;
        this.copy = new BuildCopy(new BuildContext(request.context()));
    }

    ImageConfig config() {
        return config;
    }

    List<ObjectNode> layers() {
        return layers;
    }

    List<String> warnings() {
        return warnings;
    }

    void execute(Instruction instruction) throws BuildException, IOException {
        var keyword = instruction.keyword();
        if (!begun && !keyword.equals("FROM") && !keyword.equals("ARG")) {
            throw new BuildException("a build file begins with FROM (only ARG may stand before it), not " + keyword);
        }
        switch (keyword) {
            case "FROM" -> from(instruction);
            case "ARG" -> argument(instruction);
            case "COPY", "ADD" -> copyFiles(instruction);
            case "RUN" ->
                throw new BuildException("RUN is not supported: sampan packages files and runs nothing while it builds."
                        + " Run the command beforehand and COPY what it makes, or build with Docker or Podman and"
                        + " take the image over with 'docker save' and 'sampan image load'");
            default -> {
                configure(instruction);
                config.addHistory(keyword + " " + instruction.rest());
            }
        }
    }

    private void configure(Instruction instruction) throws BuildException {
        var rest = instruction.rest();
        switch (instruction.keyword()) {
            case "ENV" -> config.env.putAll(assignments(instruction));
            case "LABEL" -> config.labels.putAll(assignments(instruction));
            case "WORKDIR" -> workingDirectory(expand(needed(instruction)));
            case "USER" -> config.user = expand(needed(instruction));
            case "EXPOSE" -> expose(Words.split(needed(instruction), variables()));
            case "CMD" -> {
                config.command = commandLine(instruction);
                ownCommand = true;
            }
            case "ENTRYPOINT" -> {
                config.entrypoint = commandLine(instruction);
                if (!ownCommand) {
                    config.command = List.of();
                }
            }
            case "VOLUME" -> {
                var json = instruction.json();
                config.volumes.addAll(json.isEmpty() ? Words.split(needed(instruction), variables()) : json);
            }
            case "STOPSIGNAL" -> {
                config.stopSignal = expand(needed(instruction));
                warn(instruction, "the process runtime stops containers with SIGTERM all the same");
            }
            case "MAINTAINER" -> config.labels.put("maintainer", rest);
            case "SHELL" -> {
                shell = instruction.json();
                if (shell.isEmpty()) {
                    throw new BuildException("SHELL takes a JSON list, such as [\"/bin/bash\", \"-c\"]");
                }
            }
            case "HEALTHCHECK" -> warn(instruction, "Kubernetes does not use it; give the container probes");
            default ->
                throw new BuildException("unknown instruction " + instruction.keyword()
                        + "; supported are FROM, ARG, COPY, ADD, ENV, LABEL, WORKDIR, USER, EXPOSE, VOLUME, ENTRYPOINT,"
                        + " CMD, SHELL, STOPSIGNAL and MAINTAINER");
        }
    }

    private void warn(Instruction instruction, String message) {
        warnings.add(request.file() + ":" + instruction.line() + ": " + instruction.keyword() + ": " + message);
    }

    private static String needed(Instruction instruction) throws BuildException {
        if (instruction.rest().isBlank()) {
            throw new BuildException(instruction.keyword() + " needs an argument");
        }
        return instruction.rest();
    }

    private void from(Instruction instruction) throws BuildException, IOException {
        if (begun) {
            throw new BuildException("only one FROM is supported: without RUN there is nothing that a further stage"
                    + " could make. Build the first stage elsewhere and COPY its result");
        }
        var words = Words.split(needed(instruction), globalArguments);
        boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("AS");
        if (words.size() != 1 && !named) {
            throw new BuildException("FROM takes an image's name, such as FROM sampan/model-server");
        }
        begun = true;
        if (words.getFirst().equals("scratch")) {
            return;
        }
        var name = ImageName.parse(words.getFirst())
                .orElseThrow(() -> new BuildException("\"" + words.getFirst() + "\" is not a valid image name"));
        var built = layout.find(name);
        if (built.isPresent()) {
            standOn(built.get().manifestDigest());
            copy.stackOn(built.get().image().roots(), built.get().base().isPresent());
        } else if (store.installed(name).isPresent()) {
            config.labels.put(ImageLayout.BASE_LABEL, name.familiar());
            copy.stackOn(List.of(), true);
        } else {
            throw new BuildException("FROM " + name.familiar() + ": " + store.explain(name));
        }
    }

    private void standOn(String manifestDigest) throws IOException {
        var manifest = layout.blobs().json(manifestDigest);
        config = ImageConfig.of(
                layout.blobs().json(manifest.path("config").path("digest").asString("")));
        manifest.path("layers").forEach(layer -> layers.add((ObjectNode) layer));
    }

    private void argument(Instruction instruction) throws BuildException {
        for (var word : Words.split(needed(instruction), begun ? variables() : globalArguments)) {
            int equals = word.indexOf('=');
            var name = equals < 0 ? word : word.substring(0, equals);
            var given = request.arguments().get(name);
            usedArguments.add(name);
            if (given != null) {
                (begun ? arguments : globalArguments).put(name, given);
            } else if (equals >= 0) {
                (begun ? arguments : globalArguments).put(name, word.substring(equals + 1));
            } else if (begun && globalArguments.containsKey(name)) {
                arguments.put(name, globalArguments.get(name));
            }
        }
    }

    /** ENV wins over ARG; what a base image brings along counts, too. */
    private Map<String, String> variables() {
        var variables = new HashMap<>(arguments);
        var base = config.labels.get(ImageLayout.BASE_LABEL);
        if (base != null) {
            ImageName.parse(base).flatMap(store::installed).ifPresent(image -> variables.putAll(image.env()));
        }
        variables.putAll(config.env);
        return variables;
    }

    private String expand(String text) throws BuildException {
        return Words.expand(text, variables());
    }

    private Map<String, String> assignments(Instruction instruction) throws BuildException {
        var rest = needed(instruction);
        var words = Words.split(rest, variables());
        var assignments = new java.util.LinkedHashMap<String, String>();
        if (!rest.split("\\s+", 2)[0].contains("=")) { // the old form: ENV name the whole rest
            var old = rest.split("\\s+", 2);
            if (old.length < 2) {
                throw new BuildException(instruction.keyword() + " needs name=value, not \"" + rest + "\"");
            }
            assignments.put(old[0], expand(old[1]));
            return assignments;
        }
        for (var word : words) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw new BuildException(instruction.keyword() + " needs name=value, not \"" + word
                        + "\"; quote a value that has spaces");
            }
            assignments.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return assignments;
    }

    private void workingDirectory(String path) throws BuildException {
        config.workingDir = BuildCopy.absolute(config.workingDir, path);
        copy.know(config.workingDir);
    }

    private void expose(List<String> words) throws BuildException {
        for (var word : words) {
            var port = PORT.matcher(word);
            int first = port.matches() ? Integer.parseInt(port.group(1)) : 0;
            int last = first == 0 || port.group(2) == null ? first : Integer.parseInt(port.group(2));
            if (first < 1 || last > 65535 || last < first) {
                throw new BuildException(
                        "EXPOSE takes ports from 1 to 65535, such as 8080 or 8500/tcp, not \"" + word + "\"");
            }
            for (int p = first; p <= last; p++) {
                config.ports.add(p + "/" + (port.group(3) == null ? "tcp" : port.group(3)));
            }
        }
    }

    private List<String> commandLine(Instruction instruction) {
        var json = instruction.json();
        if (!json.isEmpty() || instruction.isEmptyJson() || instruction.rest().isBlank()) {
            return json;
        }
        var words = new ArrayList<>(shell);
        words.add(instruction.rest());
        return words;
    }

    private void copyFiles(Instruction instruction) throws BuildException, IOException {
        var json = instruction.json();
        var words = new ArrayList<String>();
        for (var word : json) {
            words.add(expand(word));
        }
        if (json.isEmpty()) {
            words.addAll(Words.split(needed(instruction), variables()));
        }
        var flags = new ArrayList<String>();
        for (var flag : instruction.flags()) {
            flags.add(expand(flag));
        }
        var files = copy.gather(instruction.keyword(), flags, words, config.workingDir);
        var layer = layout.blobs().add(Blobs.LAYER, files::writeTo);
        copy.discardUnpacked();
        layers.add(layer);
        config.addLayer(layer.path("digest").asString(""), instruction.keyword() + " " + instruction.rest());
    }

    void finish() throws BuildException {
        if (!begun) {
            throw new BuildException(request.file() + " has no FROM; it says which image to build upon, such as FROM"
                    + " sampan/model-server");
        }
        for (var name : request.arguments().keySet()) {
            if (!usedArguments.contains(name) && !PROXIES.contains(name)) {
                warnings.add("--build-arg " + name + " was not used: the build file has no ARG " + name);
            }
        }
    }
}
