package dev.sampan.node.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The three small scripts that turn a directory into a running container. The supervisor (a session of its own, so that
 * signals to the agent's terminal do not reach it) waits for the main process and writes its exit code down; {@code
 * enter} joins the control groups and new namespaces; {@code inner} mounts, connects the output and becomes the main
 * process. They tell the agent about their progress on their standard output: {@code pid N}, then {@code ready} or
 * {@code failed <why>}.
 *
 * <p>If the agent is gone when the container ends, the supervisor stays and keeps what is in the output pipes until an
 * agent has read it and kills the supervisor.
 *
 * @param hostname the container's host name, null for the node's
 * @param root the plan's root directory, null to run in the host's file system
 */
record Launch(
        Tools tools,
        ContainerFiles files,
        ContainerRecord container,
        @Nullable String hostname,
        @Nullable RootPlan root,
        boolean privileged,
        List<Path> cgroupFiles,
        @Nullable Path terminal) {

    /**
     * The variable that tells a container's processes the id of its main process. Containers share the host's process
     * ids here, so it is not 1 as it would be elsewhere.
     */
    static final String PID = "SAMPAN_CONTAINER_PID";

    /** Names that a shell passes on; it drops others from the environment. */
    private static final Pattern SHELL_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /** Starts the supervisor. Its standard output tells the progress. */
    Process start() throws IOException {
        var directory = files.directory();
        Files.writeString(directory.resolve("inner.sh"), inner());
        Files.writeString(directory.resolve("enter.sh"), enter());
        Files.writeString(files.supervisorScript(), supervisor());
        var builder = new ProcessBuilder(
                        tools.path("setsid"),
                        "/bin/sh",
                        files.supervisorScript().toString())
                .directory(directory.toFile())
                .redirectError(directory.resolve("errors").toFile());
        environment(builder.environment(), container.environment());
        return builder.start();
    }

    /** Replaces an environment by the variables of a container that a shell can carry. */
    static void environment(Map<String, String> target, Map<String, String> wanted) {
        target.clear();
        wanted.forEach((name, value) -> {
            if (SHELL_NAME.matcher(name).matches()) {
                target.put(name, value);
            }
        });
    }

    private String supervisor() {
        return """
                cd %s || exit 1
                %s -m 600 stdout stderr hold%s || exit 1
                exec 8<>stdout 9<>stderr
                /bin/sh ./enter.sh 8>&- 9>&-
                echo $? >exit
                trap '' PIPE
                echo ended 2>/dev/null || read _ <hold
                """.formatted(
                        Shell.quote(files.directory().toString()),
                        tools.path("mkfifo"),
                        container.stdin() && terminal == null ? " stdin" : "");
    }

    private String enter() {
        var script = new StringBuilder("echo \"pid $$\"\n");
        for (var file : cgroupFiles) {
            script.append("echo $$ >").append(Shell.quote(file.toString())).append('\n');
        }
        if (root == null) {
            return script.append("exec /bin/sh ./inner.sh\n").toString();
        }
        return script.append("exec ")
                .append(tools.path("unshare"))
                .append(privileged ? " -m" : " -U -r -m")
                .append(hostname == null ? "" : " -u")
                .append(" /bin/sh ./inner.sh\n")
                .toString();
    }

    private String inner() {
        var script = new StringBuilder();
        if (root != null) {
            if (hostname != null && tools.have("hostname")) {
                script.append(tools.path("hostname"))
                        .append(' ')
                        .append(Shell.quote(hostname))
                        .append(" 2>/dev/null\n");
            }
            script.append(tools.path("mount"))
                    .append(" -a -T ")
                    .append(Shell.quote(root.tableFile().toString()))
                    .append(" || { echo 'failed mount'; exit 125; }\n");
        } else {
            script.append("cd ")
                    .append(Shell.quote(container.workingDir()))
                    .append(" || { echo 'failed working directory'; exit 125; }\n");
        }
        script.append("export ")
                .append(PID)
                .append("=$$\necho ready\nread _\n") // until its output is read: a pipe that nobody reads forgets
                .append(redirections())
                .append("exec ")
                .append(terminal != null ? tools.path("setsid") + " -c -w " : "");
        if (root != null) {
            script.append(tools.path("unshare"))
                    .append(" --root=")
                    .append(Shell.quote(root.root().toString()))
                    .append(" --wd=")
                    .append(Shell.quote(container.workingDir()))
                    .append(userOptions())
                    .append(' ');
        }
        return script.append(Shell.quote(oddVariables(container.environment())))
                .append(' ')
                .append(Shell.quote(container.command()))
                .append('\n')
                .toString();
    }

    private String redirections() {
        if (terminal != null) {
            var device = Shell.quote(terminal.toString());
            return "exec <" + device + " >" + device + " 2>&1\n";
        }
        var directory = files.directory().toString();
        var stdin = container.stdin() ? Shell.quote(directory + "/stdin") : "/dev/null";
        return "exec <" + stdin + " 1<>" + Shell.quote(directory + "/stdout") + " 2<>"
                + Shell.quote(directory + "/stderr") + "\n";
    }

    private String userOptions() {
        var user = container.user();
        if (user == null || !privileged) {
            return "";
        }
        var parts = user.split(":", 2);
        var group = parts.length > 1 ? parts[1] : parts[0];
        return " -G " + group + " -S " + parts[0];
    }

    /** The words {@code env NAME=value …} for variables whose names a shell would drop; none for ordinary ones. */
    static List<String> oddVariables(Map<String, String> environment) {
        var odd = new HashMap<>(environment);
        odd.keySet().removeIf(name -> SHELL_NAME.matcher(name).matches());
        if (odd.isEmpty()) {
            return List.of();
        }
        var words = new ArrayList<>(List.of("/usr/bin/env"));
        odd.forEach((name, value) -> words.add(name + "=" + value));
        return words;
    }
}
